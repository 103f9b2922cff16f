package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

func TestWrongGetAnswers(t *testing.T)       { wrongGetAnswers(t, newWrongMem(t)) }
func TestRealS3WrongGetAnswers(t *testing.T) { wrongGetAnswers(t, newWrongReal(t)) }

// An answer to GET that is not the object costs that object alone, and is an error: never
// records of something else, and never fewer.
func wrongGetAnswers(t *testing.T, s *wrongStore) {
	for i, tt := range wrong.Gets {
		t.Run(tt.Name, func(t *testing.T) {
			for n, client := range wrongClients[:2] {
				if !testutil.Long() && n != i%2 {
					continue // a quick run has both in turn
				}
				s.spoil(func(r wrongRequest) wrongFault {
					switch {
					case r.op != "GetObject" || r.key != s.keys[3]:
						return wrongFault{}
					case tt.Ranged && !r.ranged:
						return wrongFault{cut: 100}
					}
					return wrongFault{change: wrongChecked(t, tt.Change)}
				})
				r := confRead(t.Context(), client.src(s.sdk), qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/"}, 0)
				stats := r.scan.Stats()
				if tt.Want == nil {
					r.noErrors(t)
					confSame(t, client.name, r.ids, confIDs(6))
					continue
				}
				confSame(t, client.name, r.ids, confIDs(6, "0003"))
				var bad *qlogs.ObjectError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &bad) || bad.Key != s.keys[3] || tt.Want != wrong.ErrAny && !errors.Is(bad, tt.Want) || !strings.Contains(bad.Error(), tt.Says) {
					t.Errorf("%s: errors %q, want one of the object that is %v and says %q", client.name, r.errs, tt.Want, tt.Says)
				}
				if strings.Contains(fmt.Sprint(r.errs), "Welcome") {
					t.Errorf("%s: error %q shows the answer", client.name, r.errs)
				}
				if bad != nil && tt.Want == wrong.ErrAny && !bad.Retryable {
					t.Errorf("%s: error %q is not retryable", client.name, bad)
				}
				if stats.Read != 5 || stats.Failed != 1 || stats.RecordsYielded != 5 {
					t.Errorf("%s: Stats %+v, want 5 objects read and one failed", client.name, stats)
				}
			}
		})
	}
}

func TestWrongGetAnswersOnce(t *testing.T)       { wrongGetAnswersOnce(t, newWrongMem(t), false) }
func TestRealS3WrongGetAnswersOnce(t *testing.T) { wrongGetAnswersOnce(t, newWrongReal(t), false) }

// The records of an object that is streamed are decoded before the end of its body has come.
func TestWrongGetAnswersOnceStreamed(t *testing.T) {
	s := newWrongMem(t)
	body := qlogstest.File(qlogstest.Chat{RequestID: qlogstest.Text("0003"), TimeStamp: qlogstest.Time(confStart()), Prompt: qlogstest.Text(strings.Repeat("why? ", 400_000))})
	bucket := "logs"
	if _, err := s.sdk.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &s.keys[3], Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	wrongGetAnswersOnce(t, s, true)
}

// What is wrong once, as from a proxy, costs nothing: at the latest the next scan has the object.
func wrongGetAnswersOnce(t *testing.T, s *wrongStore, streamed bool) {
	for i, tt := range wrong.Gets {
		if tt.Want == nil || errors.Is(tt.Want, qlogs.ErrCorruptJSON) || streamed && tt.Ranged {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			gets, changed := 0, false
			s.spoil(func(r wrongRequest) wrongFault {
				if r.op != "GetObject" || r.key != s.keys[3] {
					return wrongFault{}
				}
				gets++
				switch {
				case tt.Ranged && gets == 1:
					return wrongFault{cut: 100}
				case streamed && gets == 1: // which shows that the object has to be streamed
					return wrongFault{}
				case changed || tt.Ranged != r.ranged:
					return wrongFault{}
				}
				changed = true
				return wrongFault{change: wrongChecked(t, tt.Change)}
			})
			src := wrongClients[i%2].src(s.sdk)
			var opts qlogs.Options
			if streamed {
				opts.BytesInFlight = 1 << 20
			}
			first := confReadWith(t.Context(), src, opts, qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/"}, 0)
			rest := first.resume(t, src, qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/"})
			rest.noErrors(t)
			ids := append(first.ids, rest.ids...)
			slices.Sort(ids)
			confSame(t, "both scans", ids, confIDs(6))
			if !changed || len(first.errs) > 1 {
				t.Errorf("errors %q, want one at most; the answer was changed: %t", first.errs, changed)
			}
		})
	}
}
