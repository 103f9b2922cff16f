// Command duckdb counts the records and the bytes of the prompts per user of a
// directory of prompt logs, with DuckDB: a peer of the benchmark in internal/bench.
//
// It is a module of its own, since DuckDB's libraries are 570 MB to download.
package main

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"

	_ "github.com/duckdb/duckdb-go/v2"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("want one argument: a directory, or -version")
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	if os.Args[1] == "-version" {
		var version string
		if err := db.QueryRow("SELECT version()").Scan(&version); err != nil {
			return err
		}
		_, err := fmt.Println("DuckDB", version)
		return err
	}
	return count(db, os.Args[1])
}

// query names the fields that it needs, so that DuckDB does not have to find out
// what there is, and reads no others.
const query = `
SELECT
	coalesce(r.generateAssistantResponseEventRequest.userId, r.generateCompletionsEventRequest.userId, r.startTaskAssistCodeGenerationEventRequest.userId) AS user,
	count(*),
	CAST(sum(strlen(coalesce(r.generateAssistantResponseEventRequest.prompt, r.startTaskAssistCodeGenerationEventRequest.prompt, ''))) AS BIGINT)
FROM (
	SELECT unnest(records) AS r
	FROM read_json(?, format = 'unstructured', compression = 'gzip', maximum_object_size = 16777216, columns = {records: 'STRUCT(
		generateAssistantResponseEventRequest STRUCT(prompt VARCHAR, userId VARCHAR),
		generateCompletionsEventRequest STRUCT(userId VARCHAR),
		startTaskAssistCodeGenerationEventRequest STRUCT(prompt VARCHAR, userId VARCHAR)
	)[]'})
)
GROUP BY ALL`

func count(db *sql.DB, dir string) error {
	rows, err := db.Query(query, dir+"/**/*.json.gz")
	if err != nil {
		return err
	}
	defer rows.Close()
	w := bufio.NewWriter(os.Stdout)
	for rows.Next() {
		var user string
		var records, prompts int64
		if err := rows.Scan(&user, &records, &prompts); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\n", user, records, prompts)
	}
	return errors.Join(rows.Err(), w.Flush())
}
