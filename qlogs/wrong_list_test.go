package qlogs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// spoilLists changes the answers to the listings that match.
func (s *wrongStore) spoilLists(match func(wrongRequest) bool, change func(*rewrite.Answer)) {
	s.spoil(func(r wrongRequest) wrongFault {
		if r.op != "ListObjectsV2" || !match(r) {
			return wrongFault{}
		}
		return wrongFault{change: change}
	})
}

func TestWrongListAnswers(t *testing.T)       { wrongListAnswers(t, newWrongMem(t)) }
func TestRealS3WrongListAnswers(t *testing.T) { wrongListAnswers(t, newWrongReal(t)) }

// An answer to LIST that is no listing is asked for again. If there is no better one, the
// listing has failed: nothing is lost, and the rest comes when it works again.
func wrongListAnswers(t *testing.T, s *wrongStore) {
	partition := confPartition("p", path.GenerateAssistantResponse).String()
	for i, tt := range wrong.Lists {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			for n, client := range wrongClients {
				if tt.Own && client.own {
					continue
				}
				if !testutil.Long() && n > 0 && n != 1+i/2%(len(wrongClients)-1) {
					continue // a quick run has the first one and one of the others
				}
				src := client.src(s.sdk)
				asked := 0
				s.spoilLists(func(r wrongRequest) bool {
					if r.prefix == partition {
						asked++
					}
					return r.prefix == partition
				}, wrongChecked(t, tt.Change))
				r := confRead(t.Context(), src, qlogs.Query{Prefix: partition}, 0)
				stats := r.scan.Stats()
				if tt.Says == "" {
					r.noErrors(t)
					confSame(t, client.name, r.ids, confIDs(6))
					if asked != 1 || stats.Listed != 6 || stats.Read != 6 {
						t.Errorf("%s: %d requests, %d listed, %d read, want 1, 6 and 6", client.name, asked, stats.Listed, stats.Read)
					}
					continue
				}
				var failed *qlogs.PartitionError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &failed) || failed.Prefix != partition || !strings.Contains(failed.Error(), tt.Says) {
					t.Errorf("%s: errors %q, want one of the partition that says %q", client.name, r.errs, tt.Says)
				}
				if asked == 0 {
					t.Errorf("%s: nobody asked", client.name)
				}
				if strings.Contains(fmt.Sprint(r.errs), "Welcome") {
					t.Errorf("%s: error %q shows the answer", client.name, r.errs)
				}
				if stats.Read != int64(len(r.ids)) || stats.Failed != 0 || stats.Partitions != 1 {
					t.Errorf("%s: Stats %+v of %d records", client.name, stats, len(r.ids))
				}
				if client.name != wrongClients[0].name { // the rest is the scan's alone
					continue
				}
				s.spoil(nil)
				rest := r.resume(t, src, qlogs.Query{Prefix: partition})
				rest.noErrors(t)
				confSame(t, client.name+": both scans", append(r.ids, rest.ids...), confIDs(6))
			}
		})
	}
}

func TestWrongListAnswersOnce(t *testing.T)       { wrongListAnswersOnce(t, newWrongMem(t)) }
func TestRealS3WrongListAnswersOnce(t *testing.T) { wrongListAnswersOnce(t, newWrongReal(t)) }

// What is wrong once is right when it is asked for again, at any place.
func wrongListAnswersOnce(t *testing.T, s *wrongStore) {
	for i, tt := range wrong.Lists {
		if tt.Says == "" || tt.Says == "no continuation token" || i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			seen, lists := map[string]bool{}, 0
			s.spoilLists(func(r wrongRequest) bool {
				lists++
				first := r.prefix != "" && !seen[r.prefix]
				seen[r.prefix] = seen[r.prefix] || first
				return first
			}, wrongOrNothing(tt.Change))
			r := confRead(t.Context(), s3source.New(s.sdk, "logs", nil), qlogs.Query{}, 0)
			r.noErrors(t)
			confSame(t, "records", r.ids, confIDs(6))
			if delete(seen, ""); len(seen) < 5 || lists != 1+2*len(seen) {
				t.Errorf("%d requests for %d listings, want two for each but the first", lists, 1+len(seen))
			}
		})
	}
}

func TestWrongListAnswersElsewhere(t *testing.T)       { wrongListAnswersElsewhere(t, newWrongMem(t)) }
func TestRealS3WrongListAnswersElsewhere(t *testing.T) { wrongListAnswersElsewhere(t, newWrongReal(t)) }

// In discovery, and in look-ups of objects, an answer that is no listing does not mean that
// there is nothing.
func wrongListAnswersElsewhere(t *testing.T, s *wrongStore) {
	for i, tt := range wrong.Lists {
		if tt.Says == "" || tt.Says == "no continuation token" { // which comes behind what was asked for
			continue
		}
		if (i+1)%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.Name, func(t *testing.T) {
			src := s3source.New(s.sdk, "logs", nil)
			change := wrongOrNothing(tt.Change)
			folder := "p/AWSLogs/111122223333/"
			s.spoilLists(func(r wrongRequest) bool { return r.prefix == folder }, change)
			r := confRead(t.Context(), src, qlogs.Query{}, 0)
			var failed *qlogs.PartitionError
			if len(r.errs) != 1 || !errors.As(r.errs[0], &failed) || failed.Prefix != folder {
				t.Errorf("discovery: errors %q, want one of %q", r.errs, folder)
			}
			s.spoilLists(func(r wrongRequest) bool { return r.prefix == "p/" }, change)
			if r := confRead(t.Context(), src, qlogs.Query{Prefix: "p"}, 0); len(r.errs) != 1 || len(r.pairs) != 1 {
				t.Errorf("the query's prefix: errors %q and %d records, want one error", r.errs, len(r.ids))
			}
			s.spoilLists(func(r wrongRequest) bool { return r.after != "" }, change)
			answers := 0
			for _, err := range qlogs.New(src, nil).Read(t.Context(), qlogs.Object{Key: s.keys[2], Size: -1}) {
				answers++
				var bad *qlogs.ObjectError
				if !errors.As(err, &bad) || !bad.Retryable {
					t.Errorf("a look-up: error %v, want an ObjectError that is pending", err)
				}
			}
			if answers != 1 {
				t.Errorf("a look-up: %d pairs, want one error", answers)
			}
		})
	}
}
