package path_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

const chatName = "123456789012_GenerateAssistantResponse_202607272303_3tbIeIrGJNDFbfVx.json.gz"

func chat(prefix string) path.Partition {
	return path.Partition{
		Prefix:  prefix,
		Account: "123456789012",
		Product: path.KiroLogs,
		LogType: path.GenerateAssistantResponse,
		Region:  "us-east-1",
	}
}

func hour(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
}

func TestParse(t *testing.T) {
	dev := path.Partition{
		Prefix: "p", Account: "111122223333", Product: path.QDeveloperLogs,
		LogType: path.StartTaskAssistCodeGeneration, Region: "us-east-1",
	}
	inline := dev
	inline.LogType = path.GenerateCompletions
	root := path.Partition{
		Account: "111122223333", Product: path.KiroLogs,
		LogType: path.GenerateAssistantResponse, Region: "eu-central-1",
	}
	gov := root
	gov.Region, gov.LogType = "us-gov-west-1", "SomethingNew_v2"

	tests := []struct {
		name, key string
		want      path.Key
	}{
		{
			"Kiro chat",
			"logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/" + chatName,
			path.Key{Partition: chat("logging"), Hour: hour(2026, 7, 27, 23), Name: chatName},
		}, {
			"doubled prefix",
			"Prompt_Logging/Prompt_Logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/18/00/" + chatName,
			path.Key{Partition: chat("Prompt_Logging/Prompt_Logging"), Hour: hour(2026, 7, 18, 0), Name: chatName},
		}, {
			"Q Developer",
			"p/AWSLogs/111122223333/QDeveloperLogs/StartTaskAssistCodeGeneration/us-east-1/2025/01/13/15/111122223333_StartTaskAssistCodeGeneration_202501131540_AAAAAAAAAAAAAAAA.json.gz",
			path.Key{Partition: dev, Hour: hour(2025, 1, 13, 15), Name: "111122223333_StartTaskAssistCodeGeneration_202501131540_AAAAAAAAAAAAAAAA.json.gz"},
		}, {
			"bucket root",
			"AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/eu-central-1/2026/06/01/09/111122223333_GenerateAssistantResponse_202606010900_AAAAAAAAAAAAAAAA.json.gz",
			path.Key{Partition: root, Hour: hour(2026, 6, 1, 9), Name: "111122223333_GenerateAssistantResponse_202606010900_AAAAAAAAAAAAAAAA.json.gz"},
		}, {
			"the guide's folder name alone",
			"p/AWSLogs/111122223333/QDeveloperLogs/GenerateCompletions/us-east-1/2025/01/06/15/zipFile.gz",
			path.Key{Partition: inline, Hour: hour(2025, 1, 6, 15), Name: "zipFile.gz"},
		}, {
			"the guide's form",
			"p/AWSLogs/111122223333/QDeveloperLogs/GenerateCompletions/us-east-1/2025/01/06/15/zipFile.gz/logFile.json",
			path.Key{Partition: inline, Hour: hour(2025, 1, 6, 15), Name: "zipFile.gz/logFile.json"},
		}, {
			"unknown type, GovCloud, leap day",
			"AWSLogs/111122223333/KiroLogs/SomethingNew_v2/us-gov-west-1/2028/02/29/09/a b+c%2F.json",
			path.Key{Partition: gov, Hour: hour(2028, 2, 29, 9), Name: "a b+c%2F.json"},
		}, {
			"user report",
			"r/AWSLogs/333333333333/KiroLogs/user_report/us-east-1/2026/07/10/00/KIRO_CLI_333333333333_user_report_202607100000.csv",
			path.Key{
				Partition: path.Partition{Prefix: "r", Account: "333333333333", Product: path.KiroLogs, LogType: path.UserReport, Region: "us-east-1"},
				Hour:      hour(2026, 7, 10, 0), Name: "KIRO_CLI_333333333333_user_report_202607100000.csv",
			},
		}, {
			"analytic report",
			"r/AWSLogs/444444444444/QDeveloperLogs/by_user_analytic/us-east-1/2025/11/24/00/444444444444_by_user_analytic_202511240000_report.csv",
			path.Key{
				Partition: path.Partition{Prefix: "r", Account: "444444444444", Product: path.QDeveloperLogs, LogType: path.ByUserAnalytic, Region: "us-east-1"},
				Hour:      hour(2025, 11, 24, 0), Name: "444444444444_by_user_analytic_202511240000_report.csv",
			},
		}, {
			"a log type named AWSLogs",
			"AWSLogs/111122223333/KiroLogs/AWSLogs/us-east-1/2026/06/01/09/AWSLogs",
			path.Key{
				Partition: path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: "AWSLogs", Region: "us-east-1"},
				Hour:      hour(2026, 6, 1, 9), Name: "AWSLogs",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := path.Parse(tt.key)
			if err != nil {
				t.Fatalf("Parse(%q) = %v, want no error", tt.key, err)
			}
			if got != tt.want {
				t.Errorf("Parse(%q) = %#v, want %#v", tt.key, got, tt.want)
			}
			if s := got.String(); s != tt.key {
				t.Errorf("Parse(%q).String() = %q, want the key", tt.key, s)
			}
		})
	}
}

func TestParsePrefix(t *testing.T) {
	const tail = "AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/" + chatName
	tests := []struct{ before, want string }{
		{"", ""},
		{"logging/", "logging"},
		{"a/b/c/d/e/f/g/h/i/j/", "a/b/c/d/e/f/g/h/i/j"},
		{"logs/logs/", "logs/logs"},
		{"my logs/", "my logs"},
		{" /", " "},
		{"a+b/", "a+b"},
		{"100%/%2F/", "100%/%2F"},
		{"журнал/日志/é/", "журнал/日志/é"},
		{"\xff\x00\n/", "\xff\x00\n"},
		{"../", ".."},
		{"/", "/"},
		{"//", "//"},
		{"a//", "a//"},
		{"/a/", "/a"},
		{"AWSLogs/", "AWSLogs"},
		{"AWSLogs/AWSLogs/", "AWSLogs/AWSLogs"},
		{"xAWSLogs/AWSLogsx/awslogs/", "xAWSLogs/AWSLogsx/awslogs"},
		{"AWSLogs/123456789012/x/", "AWSLogs/123456789012/x"},
		{"AWSLogs/123456789012/KiroLogs/", "AWSLogs/123456789012/KiroLogs"},
		{"AWSLogs/123456789012/KiroLogs/T/us-east-1/2026/07/27/23/", "AWSLogs/123456789012/KiroLogs/T/us-east-1/2026/07/27/23"},
		{"AWSLogs/123456789012/KiroLogs/T/us-east-1/2026/07/27/23/zipFile.gz/", "AWSLogs/123456789012/KiroLogs/T/us-east-1/2026/07/27/23/zipFile.gz"},
	}
	for _, tt := range tests {
		key := tt.before + tail
		got, err := path.Parse(key)
		if err != nil {
			t.Errorf("Parse(%q) = %v, want no error", key, err)
			continue
		}
		if want := (path.Key{Partition: chat(tt.want), Hour: hour(2026, 7, 27, 23), Name: chatName}); got != want {
			t.Errorf("Parse(%q) = %#v, want %#v", key, got, want)
		}
		if s := got.String(); s != key {
			t.Errorf("Parse(%q).String() = %q, want the key", key, s)
		}
	}
}

func TestParseInvalid(t *testing.T) {
	const (
		account = "p/AWSLogs/111122223333"
		kiro    = account + "/KiroLogs"
		chat    = kiro + "/GenerateAssistantResponse"
		region  = chat + "/us-east-1"
		folder  = region + "/2026/07/27/23"
	)
	tests := []struct{ key, element, value string }{
		{"", "AWSLogs", ""},
		{"/", "AWSLogs", ""},
		{"readme.txt", "AWSLogs", ""},
		{"p/awslogs/111122223333/KiroLogs/T/us-east-1/2026/07/27/23/x", "AWSLogs", ""},
		{"pAWSLogs/111122223333/KiroLogs/T/us-east-1/2026/07/27/23/x", "AWSLogs", ""},
		{"AWSLogsx/111122223333/KiroLogs/T/us-east-1/2026/07/27/23/x", "AWSLogs", ""},
		{"p%2FAWSLogs%2F111122223333%2FKiroLogs", "AWSLogs", ""},

		{"AWSLogs", "account", ""},
		{"AWSLogs/", "account", ""},
		{"p/AWSLogs//111122223333/KiroLogs", "account", ""},
		{"p/AWSLogs/11112222333/KiroLogs/T/us-east-1/2026/07/27/23/x", "account", "11112222333"},
		{"p/AWSLogs/1111222233334/KiroLogs/T/us-east-1/2026/07/27/23/x", "account", "1111222233334"},
		{"p/AWSLogs/11112222333x/KiroLogs/T/us-east-1/2026/07/27/23/x", "account", "11112222333x"},
		{"p/AWSLogs/o-abcdefghij/111122223333/CloudTrail/x", "account", "o-abcdefghij"},
		{"p/AWSLogs/١١١١٢٢/KiroLogs/T/us-east-1/2026/07/27/23/x", "account", "١١١١٢٢"},

		{account, "product", ""},
		{account + "/", "product", ""},
		{account + "/CloudTrail/us-east-1/2026/07/27/x.json.gz", "product", "CloudTrail"},
		{account + "/kirologs/T/us-east-1/2026/07/27/23/x", "product", "kirologs"},
		{account + "/KiroLogs2/T/us-east-1/2026/07/27/23/x", "product", "KiroLogs2"},

		{kiro, "log type", ""},
		{kiro + "/", "log type", ""},
		{kiro + "//us-east-1/2026/07/27/23/x", "log type", ""},

		{"prompt-logs/AWSLogs/222222222222/KiroLogs/26404955-bf00-40d3-b713-43d18edf0638", "region", ""},
		{chat + "/", "region", ""},
		{chat + "//2026/07/27/23/x", "region", ""},
		{chat + "/US-EAST-1/2026/07/27/23/x", "region", "US-EAST-1"},
		{chat + "/us_east_1/2026/07/27/23/x", "region", "us_east_1"},
		{chat + "/us east/2026/07/27/23/x", "region", "us east"},
		{chat + "/us-éast/2026/07/27/23/x", "region", "us-éast"},

		{region, "year", ""},
		{region + "/", "year", ""},
		{region + "/26/07/27/23/x", "year", "26"},
		{region + "/02026/07/27/23/x", "year", "02026"},
		{region + "/+026/07/27/23/x", "year", "+026"},
		{region + "/year=2026/07/27/23/x", "year", "year=2026"},

		{region + "/2026", "month", ""},
		{region + "/2026/7/27/23/x", "month", "7"},
		{region + "/2026/00/27/23/x", "month", "00"},
		{region + "/2026/13/27/23/x", "month", "13"},
		{region + "/2026/Ju/27/23/x", "month", "Ju"},

		{region + "/2026/07/", "day", ""},
		{region + "/2026/07/7/23/x", "day", "7"},
		{region + "/2026/07/00/23/x", "day", "00"},
		{region + "/2026/07/32/23/x", "day", "32"},
		{region + "/2026/06/31/23/x", "day", "31"},
		{region + "/2026/02/29/23/x", "day", "29"},
		{region + "/2028/02/30/23/x", "day", "30"},
		{region + "/2100/02/29/23/x", "day", "29"},

		{region + "/2026/07/27", "hour", ""},
		{region + "/2026/07/27/x.json.gz", "hour", "x.json.gz"},
		{region + "/2026/07/27/24/x", "hour", "24"},
		{region + "/2026/07/27/9/x", "hour", "9"},
		{region + "/2026/07/27/-1/x", "hour", "-1"},
		{region + "/2026/07/27/ 1/x", "hour", " 1"},

		{folder, "name", ""},
		{folder + "/", "name", ""},
		{folder + "//", "name", "/"},
		{folder + "//x", "name", "/x"},
		{folder + "/x/", "name", "x/"},
		{folder + "/a/b", "name", "a/b"},
		{folder + "/zipFile.gz/", "name", "zipFile.gz/"},
		{folder + "/zipFile.gz/other.json", "name", "zipFile.gz/other.json"},
		{folder + "/zipfile.gz/logfile.json", "name", "zipfile.gz/logfile.json"},
		{folder + "/zipFile.gz/logFile.json/x", "name", "zipFile.gz/logFile.json/x"},
		{folder + "/05/" + chatName, "name", "05/" + chatName},

		// Of several AWSLogs elements the error tells of the one that got
		// furthest, and of the last of those that got equally far.
		{"AWSLogs/111122223333/KiroLogs/T/AWSLogs/x", "region", "AWSLogs"},
		{"AWSLogs/x/AWSLogs/111122223333/CloudTrail/x", "product", "CloudTrail"},
		{"AWSLogs/111122223333/CloudTrail/AWSLogs/x", "product", "CloudTrail"},
		{"AWSLogs/first/AWSLogs/second/x", "account", "second"},
		{folder + "/AWSLogs/111122223333/KiroLogs/T/us-east-1/x", "name", "AWSLogs/111122223333/KiroLogs/T/us-east-1/x"},
	}
	for _, tt := range tests {
		got, err := path.Parse(tt.key)
		if got != (path.Key{}) {
			t.Errorf("Parse(%q) = %#v, want the zero key", tt.key, got)
		}
		if !errors.Is(err, path.ErrSyntax) {
			t.Errorf("Parse(%q) = %v, want an error that wraps ErrSyntax", tt.key, err)
		}
		var e *path.Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %T, want *path.Error", tt.key, err)
			continue
		}
		if e.Key != tt.key || e.Element != tt.element || e.Value != tt.value {
			t.Errorf("Parse(%q) = key %q, element %q, value %q, want element %q, value %q",
				tt.key, e.Key, e.Element, e.Value, tt.element, tt.value)
		}
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct{ key, want string }{
		{"a/b", `path: key "a/b": missing AWSLogs, want an AWSLogs element above the log`},
		{"AWSLogs/1/x", `path: key "AWSLogs/1/x": bad account "1", want 12 digits`},
		{"AWSLogs/123456789012/KiroLogs/\n", `path: key "AWSLogs/123456789012/KiroLogs/\n": missing region, want lower-case letters, digits and hyphens`},
		{"AWSLogs/123456789012/KiroLogs/", `path: key "AWSLogs/123456789012/KiroLogs/": missing log type, want a non-empty element`},
	}
	for _, tt := range tests {
		_, err := path.Parse(tt.key)
		if err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%q) = %v, want %s", tt.key, err, tt.want)
		}
	}

	// Each element has a text of its own, and each text is one line.
	seen := make(map[string]string)
	for _, element := range []string{"AWSLogs", "account", "product", "log type", "region", "year", "month", "day", "hour", "name"} {
		text := (&path.Error{Key: "k", Element: element, Value: "v", Err: path.ErrSyntax}).Error()
		_, want, _ := strings.Cut(text, "want ")
		if other, dup := seen[want]; dup {
			t.Errorf("Error() wants %q for both %q and %q", want, other, element)
		}
		if strings.ContainsAny(text, "\r\n") || strings.HasSuffix(text, ".") {
			t.Errorf("Error() = %q, want one line without a period", text)
		}
		seen[want] = element
	}
}

func BenchmarkParse(b *testing.B) {
	const key = "logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/" + chatName
	b.ReportAllocs()
	for b.Loop() {
		if _, err := path.Parse(key); err != nil {
			b.Fatal(err)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	const key = "logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/" + chatName
	got := testing.AllocsPerRun(100, func() { _, _ = path.Parse(key) })
	if got != 0 {
		t.Errorf("Parse(%q) allocates %v times, want 0", key, got)
	}
}
