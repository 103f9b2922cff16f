package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	bucket := s3source.New(s3.NewFromConfig(cfg), "my-bucket", nil)
	scan := qlogs.New(bucket, nil).Scan(qlogs.Query{Prefix: "prompt-logs"})
	prompts := map[string]int{}
	for e, err := range scan.Records(ctx) {
		if err != nil {
			log.Print(err) // names the object, never its text
			continue       // with the next object; after a fatal error the loop ends
		}
		if chat, ok := e.Record.(*record.GenerateAssistantResponse); ok && chat.Request.Prompt != "" {
			prompts[chat.UserID().User()]++
		}
	}
	fmt.Println(len(prompts), "users, prompts of each:", prompts)
}
