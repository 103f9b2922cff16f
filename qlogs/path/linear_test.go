package path_test

import (
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// The time to take a key apart grows with its length, whatever it is made of.
func TestLinear(t *testing.T) {
	const log = "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/"
	units := []string{
		"/", "a/", "AWSLogs/", "AWSLogs", "AWSLogs/111122223333/", "AWSLogs/111122223333/KiroLogs/", log, log + "name/", "1", "_", "a", ".json.gz", "\xff", "é",
		"111122223333_GenerateAssistantResponse_202603020900_", "2026/03/",
	}
	for i, unit := range units {
		for j, around := range []string{"%s", "%s/" + log + "name.json.gz", log + "%s", log + "%s.json.gz", "AWSLogs/%s", "AWSLogs/111122223333/KiroLogs/%s/us-east-1/2026/03/02/09/name.json.gz"} {
			if (i+j)%testutil.Pick(3, 1) != 0 {
				continue
			}
			t.Run(unit+" in "+around, func(t *testing.T) {
				testutil.Linear(t, "Parse and Locate", 32<<10, func(n int) func() {
					text := strings.Replace(around, "%s", testutil.Repeat(unit, n), 1)
					return func() {
						k, err := path.Parse(text)
						if err != nil {
							_ = err.Error()
						}
						k.Minute()
						_ = k.String()
						k.Partition.Range(k.Hour, k.Hour)
						path.Locate(text)
					}
				})
			})
		}
	}
}
