package record_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/record"
)

const file = `{"records":[
{"generateAssistantResponseEventRequest":{"prompt":"why does this loop never end?","chatTriggerType":"MANUAL",
  "userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2026-07-27T23:03:29.027400929Z","modelId":"auto"},
 "generateAssistantResponseEventResponse":{"assistantResponse":"The variable is never changed.","requestId":"64d13ea7-0000-4000-8000-000000000001"}},
{"generateCompletionsEventRequest":{"timeStamp":"yesterday"}},
{"generateCompletionsEventRequest":{"fileName":"add.go","timeStamp":"2026-07-27T23:04:00.120Z"},
 "generateCompletionsEventResponse":{"completions":["return a + b"]}},
{"reviewCodeEventRequest":{}}
]}`

func ExampleDecode() {
	for r, err := range record.Decode(strings.NewReader(file), nil) {
		var one *record.Error
		if errors.As(err, &one) {
			fmt.Println(err)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		switch r := r.(type) {
		case *record.GenerateAssistantResponse:
			fmt.Println(r.Request.UserID.User(), "asks:", r.Request.Prompt)
		case *record.GenerateCompletions:
			if r.Response == nil {
				fmt.Println("no response; drifted fields:", record.DriftedFields(r))
				continue
			}
			fmt.Println(len(r.Response.Completions), "suggestion for", r.Request.FileName)
		default:
			fmt.Println("a record of type", r.LogType())
		}
	}
	// Output:
	// 0f0e0d0c-1111-4222-8333-444455556666 asks: why does this loop never end?
	// no response; drifted fields: [generateCompletionsEventRequest.timeStamp]
	// 1 suggestion for add.go
	// a record of type ReviewCode
}

func ExampleDecoder() {
	d := record.NewDecoder(strings.NewReader(file), &record.DecoderOptions{MaxRecordBytes: 300})
	for {
		_, err := d.Next()
		var one *record.Error
		if err != nil && !errors.As(err, &one) {
			fmt.Println(err)
			return
		}
		fmt.Println(d.Index(), d.Size(), errors.Unwrap(err))
	}
	// Output:
	// 0 386 too large
	// 1 61 <nil>
	// 2 166 <nil>
	// 3 29 <nil>
	// EOF
}

func ExampleUnmarshal() {
	r, err := record.Unmarshal([]byte(`{"generateCompletionsEventRequest":{"fileName":"add.go","timeStamp":"2025-01-06T15:09:16.412719Z"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.LogType(), r.Time())
	fmt.Println(r) // ids, times and sizes, never text
	// Output:
	// GenerateCompletions 2025-01-06 15:09:16.412719 +0000 UTC
	// GenerateCompletions{request{fileNameBytes=6 timeStamp=2025-01-06T15:09:16.412719Z}}
}

func ExampleState() {
	r, err := record.Unmarshal([]byte(`{"generateAssistantResponseEventRequest":{"prompt":"","customizationArn":null}}`))
	if err != nil {
		log.Fatal(err)
	}
	chat := r.(*record.GenerateAssistantResponse)
	fmt.Println("prompt:", chat.Request.State("prompt"))
	fmt.Println("customizationArn:", chat.Request.State("customizationArn"))
	fmt.Println("modelId:", chat.Request.State("modelId"))
	fmt.Println("requestId:", chat.Response.State("requestId"))
	// Output:
	// prompt: present
	// customizationArn: null
	// modelId: absent
	// requestId: absent
}

func ExampleUserID() {
	id := record.UserID("d-1234567890.0f0e0d0c-1111-4222-8333-444455556666")
	fmt.Println(id.Directory())
	fmt.Println(id.User())
	// Output:
	// d-1234567890
	// 0f0e0d0c-1111-4222-8333-444455556666
}
