package s3keep_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
)

// The second line of an object is what Save writes there, or the object is damaged.
func TestSecondLine(t *testing.T) {
	_, client := direct()
	c := cursorsOf(t, 1)[0]
	for _, tt := range []struct {
		line  string
		valid bool
	}{
		{"s3keep1 ANOTHER 1 tried", true},
		{"s3keep1 ANOTHER 2 untried", true},
		{"s3keep1 ANOTHER 9223372036854775807 tried", true},
		{"s3keep2 ANOTHER 1 tried", false},
		{"s3keep1  1 tried", false},
		{"s3keep1 ANOTHER 1", false},
		{"s3keep1 ANOTHER 1 tried again", false},
		{"s3keep1 ANOTHER 0 tried", false},
		{"s3keep1 ANOTHER -1 tried", false},
		{"s3keep1 ANOTHER one tried", false},
		{"s3keep1 ANOTHER 9223372036854775808 tried", false},
		{"s3keep1 ANOTHER 1 Tried", false},
		{"s3keep1 ANOTHER 1 ", false},
		{" ", false},
	} {
		putText(t, client, c.String()+"\n"+tt.line+"\n")
		got, err := s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
		if !tt.valid {
			wantError(t, tt.line, err, nil, "restore the object")
		} else if err != nil || got.String() != c.String() {
			t.Errorf("%q: Load = %v, %v, want %v", tt.line, got, err, c)
		}
	}
}

// What Save writes may have 64 MiB, and no byte more.
func TestSaveLargest(t *testing.T) {
	const label = len("\ns3keep1 ABCDEFGHIJKLMNOPQRSTUVWXYZ 1 untried\n")
	for _, size := range testutil.Pick([]int{64 << 20}, []int{64 << 20, 64<<20 + 1}) {
		// base64 has 4 bytes for 3.
		room := size - label - len("qlogs2:")
		inside := room / 4 * 3
		if rest := room % 4; rest > 0 {
			inside += rest - 1
		}
		head := binary.AppendUvarint(nil, uint64(len(`{"source":"s"}`)))
		head = append(head, `{"source":"s"}`...)
		head = append(head, 0, 1, 0, 1, 'k', 0) // no partitions, one pending object, its key and size
		tail := make([]byte, 10)                // the rest of the object, which ends with its tries and contradictions
		etag := inside - len(head) - 4 - len(tail) - 4
		data := append(binary.AppendUvarint(head, uint64(etag)), bytes.Repeat([]byte("e"), etag)...)
		data = append(data, tail...)
		data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data))
		var c qlogs.Cursor
		if err := c.UnmarshalText([]byte("qlogs2:" + base64.RawURLEncoding.EncodeToString(data))); err != nil {
			t.Fatal(err)
		}
		err := opened(t, new(roomy)).Save(t.Context(), c)
		if size == 64<<20 && err != nil {
			t.Errorf("Save of 64 MiB: %v", err)
		} else if size > 64<<20 {
			wantError(t, "Save of more", err, nil, "the cursor has 67108865 bytes, and Load takes at most 67108864")
		}
	}
}

// roomy is a store that has nothing, and takes what it is given first without a look.
type roomy struct{ full bool }

func (*roomy) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "NoSuchKey"}
}

func (r *roomy) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if r.full {
		return nil, &smithy.GenericAPIError{Code: "PreconditionFailed"}
	}
	r.full = true
	return &s3.PutObjectOutput{ETag: aws.String("e")}, nil
}

// An object may be as large as Save would write it, and is no cursor all the same.
func TestLoadLargest(t *testing.T) {
	mem, client := stores.MemS3(t)
	mem.CreateBucket(bucket)
	mem.Put(bucket, key, make([]byte, 64<<20))
	_, err := s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
	wantError(t, "Load", err, nil, "restore the object")
}

// Of an error of the client 1,000 bytes are shown, and whole characters.
func TestShown(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{strings.Repeat("x", 1000), strings.Repeat("x", 1000)},
		{strings.Repeat("x", 1001), strings.Repeat("x", 1000) + "…"},
		{strings.Repeat("x", 999) + "é", strings.Repeat("x", 999) + "…"},
		{"one\ttwo\r\nthree\x7f", "one two  three "},
	} {
		cause := errors.New(tt.text)
		_, err := s3keep.CursorObject(failing{err: cause}, bucket, key, nil).Load(t.Context())
		if want := `s3keep: load cursor from "` + uri + `": ` + tt.want; err == nil || err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("Load: %v, want %s", err, want)
		}
	}
}

// failing is a client whose requests fail.
type failing struct {
	putter
	err error
}

func (f failing) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, f.err
}

// The owner is asked for in all requests, and not if none is given.
func TestOwner(t *testing.T) {
	_, client := direct()
	for _, owner := range []*string{nil, aws.String("111122223333")} {
		asked := 0
		same := func(got *string) {
			asked++
			if aws.ToString(got) != aws.ToString(owner) || (got == nil) != (owner == nil) {
				t.Errorf("the owner is %v, want %v", got, owner)
			}
		}
		store := s3keep.CursorObject(owned{client, same}, bucket, key, &s3keep.Options{ExpectedBucketOwner: aws.ToString(owner)})
		mustLoad(t, store)
		mustSave(t, store, cursorsOf(t, 1)[0])
		if asked < 2 {
			t.Errorf("%d requests, want two at least", asked)
		}
	}
}

type owned struct {
	*s3.Client
	owner func(*string)
}

func (o owned) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	o.owner(in.ExpectedBucketOwner)
	return o.Client.GetObject(ctx, in, opts...)
}

func (o owned) PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	o.owner(in.ExpectedBucketOwner)
	return o.Client.PutObject(ctx, in, opts...)
}
