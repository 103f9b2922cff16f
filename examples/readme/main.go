package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

func main() {
	ctx := context.Background()
	bucket, prefix, err := open.URI(ctx, "s3://my-bucket/prompt-logs", nil)
	if err != nil {
		log.Fatal(err) // says what to do
	}
	scan := qlogs.New(bucket, nil).Scan(qlogs.Query{Prefix: prefix})
	requests := map[string]int{}
	for e, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) || errors.Is(err, qlogs.ErrNoLogs) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err) // names the object, never its text
			continue       // with the next object
		}
		chat, ok := e.Record.(*record.GenerateAssistantResponse)
		if ok && chat.UserID() != "" && chat.Request.Prompt != "" {
			requests[chat.UserID().User()]++
		}
	}
	fmt.Println(len(requests), "users, chat requests with a prompt of each:", requests)
}
