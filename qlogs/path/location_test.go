package path_test

import (
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

func TestLocate(t *testing.T) {
	const (
		above   = path.LevelAbove
		root    = path.LevelRoot
		foreign = path.LevelForeign
	)
	account := path.Partition{Prefix: "p", Account: "123456789012"}
	kiro := account
	kiro.Product = path.KiroLogs
	logType := kiro
	logType.LogType = path.GenerateAssistantResponse
	region := chat("p")
	nested := path.Partition{Prefix: "p/AWSLogs/123456789012/KiroLogs", Account: "111122223333"}
	awslogs := path.Partition{Account: "123456789012", Product: path.KiroLogs, LogType: "AWSLogs", Region: "us-east-1"}

	tests := []struct {
		folder    string
		level     path.Level
		partition path.Partition
		from, to  time.Time
	}{
		{"", above, path.Partition{}, time.Time{}, time.Time{}},
		{"/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/awslogs/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/AWSLogsx/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/AWSLogs/team/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/AWSLogs//", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/AWSLogs/12345678901/KiroLogs/", above, path.Partition{}, time.Time{}, time.Time{}},
		{"p/AWSLogs/o-abcdefghij/123456789012/CloudTrail/", above, path.Partition{}, time.Time{}, time.Time{}},

		{"AWSLogs/", root, path.Partition{}, time.Time{}, time.Time{}},
		{"AWSLogs", root, path.Partition{}, time.Time{}, time.Time{}},
		{"/AWSLogs/", root, path.Partition{Prefix: "/"}, time.Time{}, time.Time{}},
		{"a//AWSLogs/", root, path.Partition{Prefix: "a//"}, time.Time{}, time.Time{}},
		{"logs/logs/AWSLogs/", root, path.Partition{Prefix: "logs/logs"}, time.Time{}, time.Time{}},
		{"AWSLogs/AWSLogs/", root, path.Partition{Prefix: "AWSLogs"}, time.Time{}, time.Time{}},
		{"AWSLogs/123456789012/KiroLogs/AWSLogs/", root, path.Partition{Prefix: "AWSLogs/123456789012/KiroLogs"}, time.Time{}, time.Time{}},
		{"AWSLogs/123456789012/CloudTrail/AWSLogs/", root, path.Partition{Prefix: "AWSLogs/123456789012/CloudTrail"}, time.Time{}, time.Time{}},

		{"p/AWSLogs/123456789012/", path.LevelAccount, account, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs/AWSLogs/111122223333/", path.LevelAccount, nested, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs/", path.LevelProduct, kiro, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/", path.LevelType, logType, time.Time{}, time.Time{}},
		{"p/" + chatFolder, path.LevelRegion, region, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1", path.LevelRegion, region, time.Time{}, time.Time{}},
		{"AWSLogs/123456789012/KiroLogs/AWSLogs/us-east-1/", path.LevelRegion, awslogs, time.Time{}, time.Time{}},

		{"p/" + chatFolder + "2026/", path.LevelTime, region, hour(2026, 1, 1, 0), hour(2027, 1, 1, 0)},
		{"p/" + chatFolder + "2026/12/", path.LevelTime, region, hour(2026, 12, 1, 0), hour(2027, 1, 1, 0)},
		{"p/" + chatFolder + "2028/02/29/", path.LevelTime, region, hour(2028, 2, 29, 0), hour(2028, 3, 1, 0)},
		{"p/" + chatFolder + "2026/07/27/23/", path.LevelTime, region, hour(2026, 7, 27, 23), hour(2026, 7, 28, 0)},
		{"p/" + chatFolder + "2026/07/27/23", path.LevelTime, region, hour(2026, 7, 27, 23), hour(2026, 7, 28, 0)},
		{"p/" + chatFolder + "9999/", path.LevelTime, region, hour(9999, 1, 1, 0), hour(10000, 1, 1, 0)},

		{"p/" + chatFolder + "2026/07/27/23/zipFile.gz/", path.LevelInside, region, hour(2026, 7, 27, 23), hour(2026, 7, 28, 0)},
		{"p/" + chatFolder + "2026/07/27/23//", path.LevelInside, region, hour(2026, 7, 27, 23), hour(2026, 7, 28, 0)},
		{"p/" + chatFolder + "2026/07/27/23/a/b/", path.LevelInside, region, hour(2026, 7, 27, 23), hour(2026, 7, 28, 0)},

		{"p/AWSLogs/123456789012/CloudTrail/", foreign, account, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012//", foreign, account, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/07/27/", foreign, account, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/kirologs/", foreign, account, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs//", foreign, kiro, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/US/", foreign, logType, time.Time{}, time.Time{}},
		{"p/" + chatFolder + "year=2026/", foreign, region, time.Time{}, time.Time{}},
		{"p/" + chatFolder + "2026/02/30/", foreign, region, time.Time{}, time.Time{}},
		{"p/" + chatFolder + "2026/07/27/24/", foreign, region, time.Time{}, time.Time{}},
		{"p/AWSLogs/123456789012/CloudTrail/AWSLogs/x/", foreign, account, time.Time{}, time.Time{}},
	}
	for _, tt := range tests {
		want := path.Location{Level: tt.level, Partition: tt.partition, From: tt.from, To: tt.to}
		if got := path.Locate(tt.folder); got != want {
			t.Errorf("Locate(%q) = %+v, want %+v", tt.folder, got, want)
		}
	}
}

// TestLocateRange shows that a time folder's location leads to its own keys.
func TestLocateRange(t *testing.T) {
	tests := []struct{ folder, after, end string }{
		{"2026/", "2026/01/01/00/", "2027/01/01/00/"},
		{"2026/12/", "2026/12/01/00/", "2027/01/01/00/"},
		{"2026/07/27/", "2026/07/27/00/", "2026/07/28/00/"},
		{"2026/07/27/23/", "2026/07/27/23/", "2026/07/28/00/"},
	}
	for _, tt := range tests {
		l := path.Locate(chatFolder + tt.folder)
		after, end := l.Partition.Range(l.From, l.To)
		if after != chatFolder+tt.after || end != chatFolder+tt.end {
			t.Errorf("range of Locate(%q) = %q, %q, want %q, %q", tt.folder, after, end, tt.after, tt.end)
		}
	}
}

func TestLevelString(t *testing.T) {
	tests := []struct {
		level path.Level
		want  string
	}{
		{path.LevelForeign, "foreign"},
		{path.LevelAbove, "above"},
		{path.LevelRoot, "root"},
		{path.LevelAccount, "account"},
		{path.LevelProduct, "product"},
		{path.LevelType, "type"},
		{path.LevelRegion, "region"},
		{path.LevelTime, "time"},
		{path.LevelInside, "inside"},
		{path.LevelForeign - 1, "Level(-2)"},
		{path.LevelInside + 1, "Level(8)"},
	}
	for _, tt := range tests {
		if got := tt.level.String(); got != tt.want {
			t.Errorf("Level(%d).String() = %q, want %q", int(tt.level), got, tt.want)
		}
	}
}
