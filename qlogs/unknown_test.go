package qlogs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// unknownReview is a record of a new log type.
func unknownReview(id, user string, at time.Time) string {
	return fmt.Sprintf(`{"reviewCodeEventRequest":{"prompt":"p","userId":%q,"timeStamp":%q},"reviewCodeEventResponse":{"requestId":%q}}`, user, at.Format(time.RFC3339Nano), id)
}

// A record of an unknown kind has ids and a time as others do: for the query's range, for
// Identity, and for a Dedup.
func TestUnknownKindsHaveIdentity(t *testing.T) {
	late := contractStart.Add(90 * time.Minute)
	beside := fmt.Sprintf(`{"timeStamp":%q,"userId":"bob","requestId":"beside"}`, contractStart.Format(time.RFC3339))
	file := contractFile(unknownReview("one", "ann", contractStart), unknownReview("late", "ann", late), `{"reviewCodeEventRequest":{"prompt":"p"}}`, beside, unknownReview("one", "ann", contractStart))
	for _, body := range [][]byte{file, contractGzip(file)} {
		for _, size := range []int64{int64(len(body)), windowLarge} {
			src := newContractSource()
			src.putListed(qlogs.Object{Key: windowKey(0), Size: size, ETag: `"e"`}, body)
			s := contractNew(src, nil, qlogs.Query{From: contractStart, To: contractStart.Add(time.Hour)})
			got := contractRead(t, src, s)
			contractSame(t, "records", got.pairs, []string{"one", "", "beside", "one"})
			if len(got.entries) != 4 {
				return
			}
			id := got.entries[0].Identity()
			if id.RequestID != "one" || id.LogType != "ReviewCode" || !id.Time.Equal(contractStart) || got.entries[0].Record.UserID() != "ann" {
				t.Errorf("Identity() = %+v of %q, want the ids of the record", id, got.entries[0].Record.UserID())
			}
			if st := s.Stats(); st.RecordsFiltered != 1 || st.RecordsDrifted != 0 {
				t.Errorf("Stats() = %+v, want the late record filtered", st)
			}
			d := keep.NewDedup(nil)
			n := 0
			for _, err := range d.Records(qlogs.New(src, nil).Scan(qlogs.Query{}).Records(t.Context())) {
				if err != nil {
					t.Error(err)
				}
				n++
			}
			if n != 4 || d.Dropped() != 1 {
				t.Errorf("a Dedup passes %d records and drops %d, want 4 and 1", n, d.Dropped())
			}
		}
	}
}
