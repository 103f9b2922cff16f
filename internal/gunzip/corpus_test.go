package gunzip_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// sample returns n bytes of JSON-like text that compresses about as logs do.
func sample(n int) []byte {
	words := strings.Fields(`"prompt": "assistantResponse": "timeStamp": func return the error of a
		reader, and then write tests for it; "userId": "modelId": null [] {} naïve 東京 \n \" 0 1 2`)
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, 0, n+40)
	for len(b) < n {
		b = append(b, words[rng.IntN(len(words))]...)
		b = fmt.Appendf(b, " %d,", rng.IntN(1000))
	}
	return b[:n]
}

func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func compress(t testing.TB, data []byte, level int, edit func(*gzip.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(w)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// member builds a member with any header; its optional fields are there as flags say.
func member(t testing.TB, flags byte, data []byte) []byte {
	t.Helper()
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return gzipfile.Seal(gzipfile.Header(flags), deflated.Bytes(), data)
}

// withTrailer replaces the checksum and length of the last member.
func withTrailer(b []byte, sum, size uint32) []byte {
	b = append([]byte(nil), b[:len(b)-8]...)
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, size)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

type file struct {
	name string
	data []byte
}

// corpus returns good and bad files, of a few hundred KB in all. They are made once, and
// nobody changes them.
func corpus(t testing.TB) []file {
	t.Helper()
	if corpusFiles == nil {
		corpusFiles = makeCorpus(t)
	}
	return corpusFiles
}

var corpusFiles []file

func makeCorpus(t testing.TB) []file {
	t.Helper()
	small := sample(700)
	plain := compress(t, small, gzip.DefaultCompression, nil)
	empty := compress(t, nil, gzip.DefaultCompression, nil)
	full := member(t, gzipfile.HeaderCRC|gzipfile.Extra|gzipfile.Name|gzipfile.Comment, small)
	sum, size := crc32.ChecksumIEEE(small), uint32(len(small))

	files := []file{{"no byte", nil}}
	for n := 1; n < 10; n++ {
		files = append(files, file{fmt.Sprintf("header of %d bytes", n), plain[:n]})
	}
	for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
		for _, n := range []int{0, 1, 700, 70_000} {
			data := compress(t, sample(n), level, nil)
			files = append(files, file{fmt.Sprintf("level %d of %d bytes", level, n), data})
		}
	}
	for flags := range byte(gzipfile.Comment << 1) {
		files = append(files,
			file{fmt.Sprintf("flags %05b", flags), member(t, flags, small)},
			file{fmt.Sprintf("flags %05b in the second member", flags), join(plain, member(t, flags, small))})
	}
	badHeaderCRC := bytes.Clone(full)
	badHeaderCRC[bytes.Index(full, []byte("caf\xe9"))+5] ^= 1
	longName := func(w *gzip.Writer) { w.Name = strings.Repeat("n", 511) }
	tooLongName := func(w *gzip.Writer) { w.Name = strings.Repeat("n", 512) }
	return append(files,
		file{"wrong header checksum", badHeaderCRC},
		file{"long name", compress(t, small, 1, longName)},
		file{"too long name", compress(t, small, 1, tooLongName)},
		file{"noise in stored blocks", compress(t, noise(150_000), gzip.NoCompression, nil)},
		file{"noise", compress(t, noise(5_000), gzip.BestSpeed, nil)},
		file{"one byte a million times", compress(t, make([]byte, 1_000_000), 9, nil)},
		file{"empty member", empty},
		file{"empty members", join(empty, empty, empty)},
		file{"empty members between", join(empty, plain, empty, empty, full, empty)},
		file{"small members", bytes.Repeat(plain, 50)},
		file{"large members", bytes.Repeat(compress(t, sample(70_000), 6, nil), 3)},
		file{"blocks of exact size", compress(t, sample(128<<10), 6, nil)},
		file{"member ends at a block", join(compress(t, sample(64<<10), 6, nil), plain)},
		file{"one trailing zero", join(plain, make([]byte, 1))},
		file{"trailing zeros", join(plain, make([]byte, 512))},
		file{"trailing zeros behind members", join(empty, plain, full, make([]byte, 40_000))},
		file{"trailing zeros behind nothing", join(empty, empty, make([]byte, 10))},
		file{"zeros before a member", join(plain, make([]byte, 512), plain)},
		file{"a zero before members", join(plain, []byte{0}, full, []byte{0}, plain)},
		file{"zeros before members", join(plain, make([]byte, 512), full, make([]byte, 10_240), empty, make([]byte, 40_000), plain, make([]byte, 9))},
		file{"zeros before a cut member", join(plain, make([]byte, 512), full[:len(full)-10])},
		file{"zeros before a byte of magic", join(plain, make([]byte, 512), plain[:1])},
		file{"zeros before wrong magic", join(plain, make([]byte, 512), plain, make([]byte, 512), []byte{0x1f, 0x8c, 8, 0})},
		file{"zeros before a wrong checksum", join(plain, make([]byte, 512), withTrailer(plain, sum+1, size), make([]byte, 512), plain)},
		file{"zeros before the first member", join(make([]byte, 512), plain)},
		file{"zeros before a byte", join(plain, make([]byte, 40_000), []byte{1})},
		file{"short trailing text", join(plain, []byte("x"))},
		file{"long trailing noise", join(plain, []byte{2}, noise(40_000))},
		file{"a byte of trailing magic", join(plain, plain[:1])},
		file{"wrong trailing magic", join(plain, []byte{0x1f, 0x8c, 8, 0})},
		file{"wrong trailing method", join(plain, []byte{0x1f, 0x8b, 7, 0}, noise(20))},
		file{"wrong checksum in the second member", join(plain, withTrailer(plain, sum+1, size), plain)},
		file{"no deflate in the third member", join(plain, plain, plain[:10], []byte(strings.Repeat("\xff", 40)))},
		file{"cut second member", join(plain, full[:len(full)-10])},
		file{"trailing text", join(plain, []byte("and so on, and so on"))},
		file{"trailing magic", join(plain, plain[:2])},
		file{"wrong checksum", withTrailer(plain, sum+1, size)},
		file{"wrong checksum in the first member", join(withTrailer(plain, sum+1, size), plain)},
		file{"wrong length", withTrailer(plain, sum, size-1)},
		file{"length zero", withTrailer(plain, sum, 0)},
		file{"huge length", withTrailer(plain, sum, 1<<32-1)},
		file{"wrong method", join([]byte{0x1f, 0x8b, 7}, plain[3:])},
		file{"wrong magic", join([]byte{0x1f, 0x8c}, plain[2:])},
		file{"plain JSON", small},
		file{"no deflate", join(plain[:10], []byte(strings.Repeat("\xff", 40)))},
	)
}

// std is what compress/gzip makes of data, member by member, without the zero bytes behind them.
// If data is corrupt, that is the members before the damage or the surplus.
func std(data []byte) ([]byte, error) {
	src := bytes.NewReader(data)
	zr, err := gzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	var all []byte
	for {
		zr.Multistream(false)
		part, err := io.ReadAll(zr)
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			all = append(all, part...)
		}
		rest := bytes.TrimLeft(data[len(data)-src.Len():], "\x00")
		switch {
		case err != nil || len(rest) == 0:
			return all, err
		case !bytes.HasPrefix(rest, []byte{0x1f, 0x8b}) && string(rest) != "\x1f":
			return all, errSurplus
		}
		src.Reset(rest)
		data = rest
		if err := zr.Reset(src); err != nil {
			return all, err
		}
	}
}

var errSurplus = errors.New("surplus")
