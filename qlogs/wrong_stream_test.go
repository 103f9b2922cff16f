package qlogs_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// What is wrong once costs nothing where an object is streamed either, though its records are
// decoded before the end of the body has come.
func TestWrongGetAnswersOnceStreamed(t *testing.T) {
	s := newWrongMem(t)
	body := qlogstest.File(qlogstest.Chat{RequestID: qlogstest.Text("0003"), TimeStamp: qlogstest.Time(confStart()), Prompt: qlogstest.Text(strings.Repeat("why? ", 400_000))})
	bucket := "logs"
	if _, err := s.sdk.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &s.keys[3], Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	for i, tt := range wrong.Gets {
		if tt.Want == nil || tt.Ranged || errors.Is(tt.Want, qlogs.ErrCorruptJSON) {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			gets, changed := 0, false
			s.spoil(func(r wrongRequest) wrongFault {
				if r.op != "GetObject" || r.key != s.keys[3] {
					return wrongFault{}
				}
				if gets++; gets != 2 { // the first one shows that the object has to be streamed
					return wrongFault{}
				}
				changed = true
				return wrongFault{change: wrongChecked(t, tt.Change)}
			})
			client := qlogs.New(wrongClients[i%2].src(s.sdk), &qlogs.Options{BytesInFlight: 1 << 20})
			var ids []string
			var errs []error
			var after qlogs.Cursor
			for range 2 {
				scan := client.Scan(qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/", After: after})
				for e, err := range scan.Records(t.Context()) {
					if err != nil {
						errs = append(errs, err)
						continue
					}
					ids = append(ids, e.Record.RequestID())
				}
				after = scan.Cursor()
			}
			slices.Sort(ids)
			confSame(t, "both scans", ids, confIDs(6))
			if !changed || len(errs) > 1 {
				t.Errorf("errors %q, want one at most; the answer was changed: %t", errs, changed)
			}
		})
	}
}
