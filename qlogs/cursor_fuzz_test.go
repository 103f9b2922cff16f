package qlogs_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
)

// cursorSeal makes a cursor's text of what is in one, so that fuzzing gets past the checksum.
func cursorSeal(data string) string {
	sum := binary.BigEndian.AppendUint32([]byte(data), crc32.ChecksumIEEE([]byte(data)))
	return "qlogs2:" + base64.RawURLEncoding.EncodeToString(sum)
}

// FuzzCursor reads cursors of any text, and of anything under a right checksum.
func FuzzCursor(f *testing.F) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorFile(cursorRecord("a0", 0), cursorRecord("a1", 0)))
	store.put(cursorKey(cursorInline, 1), cursorFile(cursorRecord("b0", 0)))
	client := qlogs.New(store, nil)
	f.Add("")
	f.Add("qlogs2:")
	f.Add("qlogs3:e30AAAAA")
	f.Add(client.Scan(qlogs.Query{}).Cursor().String())
	after := client.Scan(qlogs.Query{})
	cursorLeave(f, after, 2, "break")
	for _, c := range []qlogs.Cursor{after.Cursor(), cursorOf(f, client, qlogs.Query{}, 1)} {
		data, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(c.String(), "qlogs2:"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data[:len(data)-crc32.Size]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, cursorSeal(text)} {
			var c qlogs.Cursor
			if err := c.UnmarshalText([]byte(text)); err != nil {
				if !c.IsZero() || !strings.HasPrefix(err.Error(), "qlogs: ") {
					t.Errorf("UnmarshalText(%q) = %v, cursor %q, want an error of this package and no cursor", text, err, c)
				}
				continue
			}
			again := cursorText(t, c)
			if again.String() != c.String() || again.IsZero() != c.IsZero() {
				t.Errorf("UnmarshalText(%q) is %q, and %q when written and read again", text, c, again)
			}
			direct := client.Scan(qlogs.Query{After: c})
			pairs := cursorAll(t, direct)
			cursorWant(t, "scan after the cursor written and read again", cursorAll(t, client.Scan(qlogs.Query{After: again})), pairs)
			if len(pairs) > 2*1000+3 {
				t.Errorf("scan after %q has %d pairs", c, len(pairs))
			}
		}
	})
}
