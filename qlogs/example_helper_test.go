package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"maps"
	"testing/fstest"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// exampleBucket, if it is not nil, is the bucket of the examples in the place of their own.
var exampleBucket fstest.MapFS

// exampleFS is a bucket with five objects: a chat of Q Developer, two objects of Kiro's
// chats, one of inline suggestions, and AWS's permission probe. Among the records are what
// logs have beside usual ones: null halves, a field of another type, an unknown kind.
func exampleFS() fs.FS {
	if exampleBucket != nil {
		return maps.Clone(exampleBucket)
	}
	fsys := fstest.MapFS{}
	exampleObject(fsys, path.QDeveloperLogs, path.GenerateAssistantResponse, "2025-04-18T08:05:03.230565389Z",
		exampleChat("ana", "2025-04-18T08:05:03.230565389Z", "why does this loop never end?", "i is never changed"))
	exampleObject(fsys, path.KiroLogs, path.GenerateAssistantResponse, "2026-07-01T09:00:12Z",
		exampleChat("ana", "2026-07-01T09:00:12Z", "add a retry to the uploader", ""),
		exampleChat("ana", "2026-07-01T09:00:40Z", "", "done"))
	exampleObject(fsys, path.KiroLogs, path.GenerateAssistantResponse, "2026-07-02T14:30:00Z",
		exampleChat("ben", "2026-07-02T14:30:00Z", "write a test", "package main"),
		`{"generateAssistantResponseEventRequest":null,"generateAssistantResponseEventResponse":{"requestId":"64d13ea7-0000-4000-8000-000000000002"}}`,
		`{"generateAssistantResponseEventRequest":{"prompt":["run","it"],"userId":"d-1234567890.ben","timeStamp":"2026-07-02T14:30:20Z"}}`,
		`{"reviewCodeEventRequest":{"userId":"d-1234567890.ben","timeStamp":"2026-07-02T14:30:40Z"}}`)
	exampleObject(fsys, path.KiroLogs, path.GenerateCompletions, "2026-07-01T09:01:00Z",
		`{"generateCompletionsEventRequest":{"leftContext":"func add(a, b int) int {\n\t","rightContext":"\n}","fileName":"add.go",`+
			`"userId":"d-1234567890.ben","timeStamp":"2026-07-01T09:01:00Z"},`+
			`"generateCompletionsEventResponse":{"completions":["return a + b"],"requestId":"797c70ee-0000-4000-8000-000000000001"}}`,
		`{"generateCompletionsEventRequest":{"fileName":"sub.go","userId":"d-1234567890.ben","timeStamp":"2026-07-01T09:01:30Z"},`+
			`"generateCompletionsEventResponse":null}`)
	fsys["logging/AWSLogs/111122223333/KiroLogs/26404955-bf00-40d3-b713-43d18edf0638"] = &fstest.MapFile{Data: []byte("Access validation successful.")}
	return fsys
}

// exampleDamagedFS adds to exampleFS a damaged record and a cut object.
func exampleDamagedFS() fs.FS {
	fsys := exampleFS().(fstest.MapFS)
	exampleObject(fsys, path.KiroLogs, path.GenerateAssistantResponse, "2026-07-03T10:00:00Z",
		exampleChat("ben", "2026-07-03T10:00:00Z", "first", ""),
		`{"generateAssistantResponseEventRequest":"second"}`,
		exampleChat("ben", "2026-07-03T10:00:09Z", "third", ""))
	key := exampleObject(fsys, path.KiroLogs, path.GenerateAssistantResponse, "2026-07-04T10:00:00Z",
		exampleChat("ben", "2026-07-04T10:00:00Z", "fourth", ""))
	fsys[key].Data = fsys[key].Data[:20]
	return fsys
}

func exampleObject(fsys fstest.MapFS, product path.Product, logType path.LogType, at string, records ...string) (key string) {
	minute, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err)
	}
	p := path.Partition{Prefix: "logging", Account: "111122223333", Product: product, LogType: logType, Region: "us-east-1"}
	key = p.NewKey(minute, "3tbIeIrGJNDFbfVx").String()
	var body bytes.Buffer
	gz := gzip.NewWriter(&body)
	fmt.Fprint(gz, `{"records":[`)
	for i, r := range records {
		if i > 0 {
			fmt.Fprint(gz, ",")
		}
		fmt.Fprint(gz, r)
	}
	fmt.Fprint(gz, `]}`)
	gz.Close()
	fsys[key] = &fstest.MapFile{Data: body.Bytes()}
	return key
}

func exampleChat(user, at, prompt, response string) string {
	return fmt.Sprintf(`{"generateAssistantResponseEventRequest":{"prompt":%q,"chatTriggerType":"MANUAL","userId":"d-1234567890.%s","timeStamp":%q},`+
		`"generateAssistantResponseEventResponse":{"assistantResponse":%q,"requestId":"64d13ea7-0000-4000-8000-000000000001"}}`,
		prompt, user, at, response)
}
