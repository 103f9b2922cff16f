package path_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

func ExampleParse() {
	key, err := path.Parse("logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/123456789012_GenerateAssistantResponse_202607272303_3tbIeIrGJNDFbfVx.json.gz")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key.Prefix, key.Account, key.Product, key.LogType, key.Region)
	fmt.Println(key.Hour)
	minute, ok := key.Minute()
	fmt.Println(minute, ok)
	// Output:
	// logging 123456789012 KiroLogs GenerateAssistantResponse us-east-1
	// 2026-07-27 23:00:00 +0000 UTC
	// 2026-07-27 23:03:00 +0000 UTC true
}

func ExampleParse_error() {
	_, err := path.Parse("logging/AWSLogs/123456789012/CloudTrail/us-east-1/2026/07/27/trail.json.gz")
	var e *path.Error
	if errors.As(err, &e) {
		fmt.Println(e.Element, e.Value)
	}
	fmt.Println(errors.Is(err, path.ErrSyntax))
	// Output:
	// product CloudTrail
	// true
}

func ExamplePartition_Range() {
	p := path.Partition{
		Prefix:  "logging",
		Account: "123456789012",
		Product: path.KiroLogs,
		LogType: path.GenerateCompletions,
		Region:  "us-east-1",
	}
	from := time.Date(2026, time.July, 27, 22, 30, 0, 0, time.UTC)
	after, end := p.Range(from, from.Add(time.Hour))
	fmt.Println(after)
	fmt.Println(end)
	// Output:
	// logging/AWSLogs/123456789012/KiroLogs/GenerateCompletions/us-east-1/2026/07/27/22/
	// logging/AWSLogs/123456789012/KiroLogs/GenerateCompletions/us-east-1/2026/07/28/00/
}

func ExamplePartition_NewKey() {
	p := path.Partition{
		Prefix:  "logging",
		Account: "123456789012",
		Product: path.KiroLogs,
		LogType: path.GenerateAssistantResponse,
		Region:  "us-east-1",
	}
	minute := time.Date(2026, time.July, 27, 23, 3, 0, 0, time.UTC)
	fmt.Println(p.NewKey(minute, "3tbIeIrGJNDFbfVx"))
	// Output:
	// logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/123456789012_GenerateAssistantResponse_202607272303_3tbIeIrGJNDFbfVx.json.gz
}

func ExampleLocate() {
	for _, folder := range []string{
		"logging/",
		"logging/AWSLogs/123456789012/",
		"logging/AWSLogs/123456789012/CloudTrail/",
		"logging/AWSLogs/123456789012/KiroLogs/GenerateCompletions/us-east-1/2026/",
	} {
		fmt.Printf("%s is at level %s\n", folder, path.Locate(folder).Level)
	}
	// Output:
	// logging/ is at level above
	// logging/AWSLogs/123456789012/ is at level account
	// logging/AWSLogs/123456789012/CloudTrail/ is at level foreign
	// logging/AWSLogs/123456789012/KiroLogs/GenerateCompletions/us-east-1/2026/ is at level time
}
