package qlogs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// linearSome leaves all cases but some to a long run.
func linearSome(cases map[string]func(n int) string, quick ...string) map[string]func(n int) string {
	if testutil.Long() {
		return cases
	}
	some := map[string]func(n int) string{}
	for _, name := range quick {
		some[name] = cases[name]
	}
	return some
}

// The time to read a cursor's text grows with its length, whatever it says.
func TestLinearCursor(t *testing.T) {
	for _, form := range []string{"qlogs2:%s", "%s"} {
		for _, class := range testutil.Pick(testutil.Bytes[:1], testutil.Bytes) {
			testutil.Linear(t, class.Name+" as a text", 50_000, func(n int) func() {
				data := []byte(strings.Replace(form, "%s", testutil.Repeat(class.Unit, n), 1))
				return func() {
					var c qlogs.Cursor
					_ = c.UnmarshalText(data)
				}
			})
		}
	}
}

// The time to read letters grows with the file, and so does that to put and remove all.
func TestLinearDeadLetters(t *testing.T) {
	letter := func(i int) keep.DeadLetter {
		return keep.DeadLetter{Object: qlogs.Object{Key: fmt.Sprintf("AWSLogs/%08d.json.gz", i), ETag: `"e"`}, Index: -1, Op: "read", Class: "other"}
	}
	line := func(i int) string {
		b, err := json.Marshal(letter(i))
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	files := map[string]func(n int) string{
		"letters": func(n int) string {
			var b strings.Builder
			for i := 0; b.Len() < n; i++ {
				b.WriteString(line(i))
			}
			return b.String()
		},
		"the same letter": func(n int) string { return testutil.Repeat(line(1), n) },
		"empty lines":     func(n int) string { return testutil.Repeat("\n", n) },
		"damaged lines":   func(n int) string { return testutil.Repeat("{\n", n) },
		"brackets":        func(n int) string { return testutil.Repeat(`{"key":[`, n) + "\n" },
		"zeros":           func(n int) string { return testutil.Repeat("\x00", n) },
	}
	for _, class := range testutil.Bytes {
		files[class.Name] = func(n int) string {
			return strings.Replace(line(1), "00000001", testutil.Repeat(class.Unit, n), 1)
		}
	}
	for name, file := range linearSome(files, "letters", "brackets", "0xff") {
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "All", 60_000, func(n int) func() {
				name := filepath.Join(t.TempDir(), "letters")
				if err := os.WriteFile(name, []byte(file(n)), 0o600); err != nil {
					t.Fatal(err)
				}
				return func() {
					for _, err := range keep.DeadLetterFile(name).All(t.Context()) {
						if err != nil {
							_ = err.Error()
						}
					}
				}
			})
		})
	}
	testutil.Linear(t, "Remove", 60_000, func(n int) func() {
		name := filepath.Join(t.TempDir(), "letters")
		text := files["letters"](n)
		var all []keep.DeadLetter
		for i := range strings.Count(text, "\n") / 2 {
			all = append(all, letter(2*i))
		}
		return func() {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := keep.DeadLetterFile(name).Remove(t.Context(), all...); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The time to read a listing's answer grows with its size, also where it is the SDK that
// reads it, or has to say what is wrong with it.
func TestLinearListing(t *testing.T) {
	object := func(key string) string { return "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>" }
	pages := map[string]func(n int) string{
		"folders":         func(n int) string { return testutil.Repeat("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>", n) },
		"attributes":      func(n int) string { return `<New ` + testutil.Repeat(`a="b" `, n) + `></New>` },
		"name spaces":     func(n int) string { return `<New ` + testutil.Repeat(`xmlns:a="b" `, n) + `></New>` },
		"nested":          func(n int) string { return testutil.Repeat("<New>", n/2) + testutil.Repeat("</New>", n/2) },
		"open":            func(n int) string { return testutil.Repeat("<New>", n) },
		"comments":        func(n int) string { return testutil.Repeat("<!-- -->", n) },
		"sections":        func(n int) string { return testutil.Repeat("<![CDATA[ ]]>", n) },
		"instructions":    func(n int) string { return testutil.Repeat("<?x y?>", n) },
		"references":      func(n int) string { return object(testutil.Repeat("&amp;", n)) },
		"unknown ones":    func(n int) string { return object(testutil.Repeat("&new;", n)) },
		"percent":         func(n int) string { return "<EncodingType>url</EncodingType>" + object(testutil.Repeat("%41", n)) },
		"wrong percent":   func(n int) string { return "<EncodingType>url</EncodingType>" + object(testutil.Repeat("%4", n)) },
		"text":            func(n int) string { return testutil.Repeat("text ", n) },
		"wrong case":      func(n int) string { return testutil.Repeat("<contents/>", n) },
		"no XML":          func(n int) string { return "<" + testutil.Repeat("x", n) },
		"keys in a row":   func(n int) string { return linearObjects(object, n) },
		"the same key":    func(n int) string { return testutil.Repeat(object("a"), n) },
		"HTML":            func(n int) string { return "</ListBucketResult><html>" + testutil.Repeat("<p>no<br>", n) },
		"error documents": func(n int) string { return "</ListBucketResult>" + testutil.Repeat("<Error><Code>a</Code></Error>", n) },
	}
	for _, class := range testutil.Bytes {
		pages[class.Name] = func(n int) string { return object(testutil.Repeat(class.Unit, n)) }
	}
	var answer string
	status := http.StatusOK
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer web.Close()
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(web.URL), Region: s3test.Region, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
	for name, page := range linearSome(pages, "folders", "references", "0xff") {
		for _, status = range []int{http.StatusOK, http.StatusForbidden} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				testutil.Linear(t, "a listing", 100_000, func(n int) func() {
					text := `<ListBucketResult><Name>b</Name>` + page(n) + `</ListBucketResult>`
					if status != http.StatusOK {
						text = `<Error><Code>AccessDenied</Code><Message>is wrong; expecting '` + page(n) + `</Message></Error>`
					}
					return func() {
						answer = text
						for _, err := range qlogs.New(s3source.New(client, "b", nil), nil).Scan(qlogs.Query{}).Objects(t.Context()) {
							if err != nil {
								_ = err.Error()
							}
						}
					}
				})
			})
		}
	}
}

// linearObjects are objects in the order of their keys.
func linearObjects(object func(key string) string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(object(fmt.Sprintf("a%09d", i)))
	}
	return b.String()
}
