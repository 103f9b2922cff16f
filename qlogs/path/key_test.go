package path_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

func TestKeyString(t *testing.T) {
	want := "logging/AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/2026/07/27/23/x"
	tests := []struct {
		name string
		hour time.Time
	}{
		{"full hour", hour(2026, 7, 27, 23)},
		{"within the hour", hour(2026, 7, 27, 23).Add(59*time.Minute + 59*time.Second)},
		{"another zone", hour(2026, 7, 27, 23).In(time.FixedZone("", 5*3600+1800))},
	}
	for _, tt := range tests {
		k := path.Key{Partition: chat("logging"), Hour: tt.hour, Name: "x"}
		if got := k.String(); got != want {
			t.Errorf("%s: String() = %q, want %q", tt.name, got, want)
		}
	}
}

func TestKeyMinute(t *testing.T) {
	tests := []struct {
		name string
		want time.Time // zero: none
	}{
		{chatName, time.Date(2026, 7, 27, 23, 3, 0, 0, time.UTC)},
		{"999999999999_Other_202501010059_A.json.gz", time.Date(2025, 1, 1, 0, 59, 0, 0, time.UTC)},
		{"123456789012_A_Type_With_Underscores_202802292359_aZ09.json.gz", time.Date(2028, 2, 29, 23, 59, 0, 0, time.UTC)},
		{"123456789012_202607272303_202607272304_202607272305.json.gz", time.Date(2026, 7, 27, 23, 4, 0, 0, time.UTC)},

		{"", time.Time{}},
		{".json.gz", time.Time{}},
		{"zipFile.gz", time.Time{}},
		{"zipFile.gz/logFile.json", time.Time{}},
		{"KIRO_CLI_333333333333_user_report_202607100000.csv", time.Time{}},
		{"444444444444_by_user_analytic_202511240000_report.csv", time.Time{}},
		{"123456789012_T_202607272303_A.json", time.Time{}},
		{"123456789012_T_202607272303_A.json.gz.tmp", time.Time{}},
		{"123456789012_T_202607272303_.json.gz", time.Time{}},
		{"123456789012_T_202607272303_A-B.json.gz", time.Time{}},
		{"123456789012_T_202607272303.json.gz", time.Time{}},
		{"123456789012__202607272303_A.json.gz", time.Time{}},
		{"123456789012_202607272303_A.json.gz", time.Time{}},
		{"_T_202607272303_A.json.gz", time.Time{}},
		{"12345678901_T_202607272303_A.json.gz", time.Time{}},
		{"202607272303_A.json.gz", time.Time{}},
		{"A.json.gz", time.Time{}},
		{"123456789012_T_20260727230_A.json.gz", time.Time{}},
		{"123456789012_T_2026072723030_A.json.gz", time.Time{}},
		{"123456789012_T_202613272303_A.json.gz", time.Time{}},
		{"123456789012_T_202602302303_A.json.gz", time.Time{}},
		{"123456789012_T_202607272403_A.json.gz", time.Time{}},
		{"123456789012_T_202607272360_A.json.gz", time.Time{}},
		{"123456789012_T_2026x7272303_A.json.gz", time.Time{}},
		{"123456789012_T_ 26072723030_A.json.gz", time.Time{}},
	}
	for _, tt := range tests {
		got, ok := path.Key{Name: tt.name}.Minute()
		if got != tt.want || ok == tt.want.IsZero() {
			t.Errorf("Key{Name: %q}.Minute() = %v, %t, want %v, %t", tt.name, got, ok, tt.want, !tt.want.IsZero())
		}
	}
}

func TestReport(t *testing.T) {
	tests := []struct {
		logType path.LogType
		want    bool
	}{
		{path.UserReport, true},
		{path.ByUserAnalytic, true},
		{path.GenerateAssistantResponse, false},
		{path.GenerateCompletions, false},
		{path.StartTaskAssistCodeGeneration, false},
		{"", false},
		{"User_Report", false},
	}
	for _, tt := range tests {
		if got := tt.logType.Report(); got != tt.want {
			t.Errorf("LogType(%q).Report() = %t, want %t", tt.logType, got, tt.want)
		}
	}
}

// TestRoundTrip holds for random valid partitions that keys survive the way
// through text and back.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		p := randomPartition(r)
		minute := randomTime(r)
		suffix := randomText(r, "0123456789ABCDEFXYZabcdefxyz", 1, 16)

		made := p.NewKey(minute, suffix)
		key := made.String()
		got, err := path.Parse(key)
		if err != nil {
			t.Fatalf("Parse(%q) = %v, want no error", key, err)
		}
		if got != made {
			t.Fatalf("Parse(%q) = %#v, want %#v", key, got, made)
		}
		wantMinute := minute.UTC().Truncate(time.Minute)
		if m, ok := got.Minute(); !ok || m != wantMinute {
			t.Fatalf("Key{Name: %q}.Minute() = %v, %t, want %v, true", got.Name, m, ok, wantMinute)
		}

		named := path.Key{Partition: p, Hour: made.Hour, Name: randomName(r)}
		key = named.String()
		got, err = path.Parse(key)
		if err != nil || got != named {
			t.Fatalf("Parse(%q) = %#v, %v, want %#v", key, got, err, named)
		}
		if !strings.HasPrefix(key, p.String()) {
			t.Fatalf("%q does not begin with its partition, %q", key, p.String())
		}
	}
}

func randomPartition(r *rand.Rand) path.Partition {
	return path.Partition{
		Prefix:  randomPrefix(r),
		Account: randomText(r, "0123456789", 12, 12),
		Product: pick(r, path.QDeveloperLogs, path.KiroLogs),
		LogType: pick(r, path.GenerateAssistantResponse, path.GenerateCompletions, path.UserReport,
			"AWSLogs", "KiroLogs", "123456789012", "a_b_202607272303_c", "new type", path.LogType(randomName(r))),
		Region: pick(r, "us-east-1", "eu-central-1", "us-gov-west-1", "2026", "123456789012", randomText(r, "az09-", 1, 10)),
	}
}

// randomPrefix returns a prefix in the form that Parse gives it: it ends in a
// slash only if the key has an empty element there.
func randomPrefix(r *rand.Rand) string {
	var elements []string
	for range r.IntN(6) {
		elements = append(elements, pick(r, "", "a", "logs", "my logs", "a+b", "%2F", "日志", "\xff", "AWSLogs", "123456789012",
			"KiroLogs", "AWSLogs/123456789012/KiroLogs/T/us-east-1/2026/07/27/23"))
	}
	if len(elements) == 0 {
		return ""
	}
	if p := strings.Join(elements, "/"); p != "" && !strings.HasSuffix(p, "/") {
		return p
	}
	return strings.Join(elements, "/") + "/"
}

func randomName(r *rand.Rand) string {
	return randomText(r, "abcXYZ019_-. +%é\x00\xff", 1, 20)
}

func randomText(r *rand.Rand, alphabet string, shortest, longest int) string {
	b := make([]byte, shortest+r.IntN(longest-shortest+1))
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// randomTime returns a time of a year of four digits, often at or beside the
// beginning of an hour, a day or a year, in any zone.
func randomTime(r *rand.Rand) time.Time {
	first, last := hour(0, 1, 1, 0), hour(9999, 12, 31, 23)
	low, high := first.Unix(), last.Unix()+3599
	if r.IntN(4) > 0 {
		low, high = hour(2024, 12, 30, 0).Unix(), hour(2025, 1, 3, 0).Unix()
	}
	t := time.Unix(low+r.Int64N(high-low), r.Int64N(1e9))
	switch r.IntN(4) {
	case 0:
		t = t.Truncate(time.Hour)
	case 1:
		t = t.Truncate(time.Hour).Add(time.Hour - 1)
	case 2:
		t = t.Truncate(24 * time.Hour)
	}
	return t.In(time.FixedZone("", r.IntN(28*3600)-14*3600))
}

func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }
