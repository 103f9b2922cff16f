package inflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"sync"
	"testing"

	"github.com/klauspost/compress/flate"

	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// prose is the text of this repository's Go and Markdown files.
var prose = sync.OnceValues(func() (string, error) {
	var b bytes.Buffer
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || e.IsDir() || ext != ".go" && ext != ".md" {
			return err
		}
		text, err := fs.ReadFile(root, name)
		b.Write(text)
		return err
	})
	return b.String(), err
})

// logs returns n log files of size bytes or somewhat more, of records whose text is cut
// from prose.
func logs(tb testing.TB, n, size int) [][]byte {
	tb.Helper()
	text, err := prose()
	if err != nil {
		tb.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	cut := func() string {
		n := 1 + rng.IntN(min(size, 4000))
		at := rng.IntN(len(text) - n)
		return text[at : at+n]
	}
	type record struct {
		ID       uint64 `json:"requestId"`
		User     string `json:"userId"`
		Prompt   string `json:"prompt"`
		Response string `json:"assistantResponse"`
	}
	files := make([][]byte, n)
	for i := range files {
		b := []byte(`{"records":[`)
		for len(b) < size {
			r, err := json.Marshal(record{rng.Uint64(), "d-1111111111.invented", cut(), cut()})
			if err != nil {
				tb.Fatal(err)
			}
			b = append(append(b, r...), ',')
		}
		files[i] = append(b[:len(b)-1], "]}"...)
	}
	return files
}

func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// runs is text whose matches overlap themselves, at all short distances.
func runs(n int) []byte {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	var b []byte
	for len(b) < n {
		period := noise(1 + rng.IntN(40))
		b = append(b, bytes.Repeat(period, 2+rng.IntN(20))...)
	}
	return b[:n]
}

// A writer compresses, and can flush.
type writer interface {
	io.WriteCloser
	Flush() error
}

// writers are those of two libraries, whose blocks differ.
var writers = map[string]func(io.Writer, int) (writer, error){
	"std":       func(w io.Writer, level int) (writer, error) { return stdflate.NewWriter(w, level) },
	"klauspost": func(w io.Writer, level int) (writer, error) { return flate.NewWriter(w, level) },
}

// deflate compresses data, and flushes after each number of bytes that next returns.
func deflate(tb testing.TB, library string, level int, data []byte, next func() int) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := writers[library](&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	for next != nil && len(data) > 0 {
		n := min(next(), len(data))
		_, _ = w.Write(data[:n])
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
		data = data[n:]
	}
	_, _ = w.Write(data)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// reseal makes a good file of data if what follows its first ten bytes begins with good
// deflate data: change alone hardly ever gives a good checksum.
func reseal(data []byte) (good []byte, ok bool) {
	if len(data) < 10 {
		return nil, false
	}
	src := bytes.NewReader(data[10:])
	out, err := io.ReadAll(stdflate.NewReader(src))
	if err != nil {
		return nil, false
	}
	return gzipfile.Seal(gzipfile.Header(0), data[10:len(data)-src.Len()], out), true
}

func zip(tb testing.TB, data []byte) []byte {
	tb.Helper()
	return gzipfile.Seal(gzipfile.Header(0), deflate(tb, "std", 6, data, nil), data)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

type file struct {
	name string
	data []byte
}

// small returns files of every kind of block, header and damage, of at most some KB each.
func small(tb testing.TB) []file {
	tb.Helper()
	text := logs(tb, 1, 1500)[0]
	plain, empty := zip(tb, text), zip(tb, nil)
	var files []file
	add := func(name string, data []byte) { files = append(files, file{name, data}) }
	for _, library := range slices.Sorted(maps.Keys(writers)) {
		for _, level := range []int{-2, 0, 1, 6, 9} {
			for _, data := range [][]byte{nil, text[:1], text[:100], text, noise(300), runs(2000)} {
				add(fmt.Sprintf("%s %d, %d bytes", library, level, len(data)),
					gzipfile.Seal(gzipfile.Header(0), deflate(tb, library, level, data, nil), data))
			}
			flushes := deflate(tb, library, level, text, func() int { return 77 })
			add(fmt.Sprintf("%s %d, flushes", library, level), gzipfile.Seal(gzipfile.Header(0), flushes, text))
		}
	}
	for flags := range byte(32) {
		add(fmt.Sprintf("flags %05b", flags), gzipfile.Seal(gzipfile.Header(flags), deflate(tb, "std", 6, text[:50], nil), text[:50]))
	}
	for flags := 32; flags < 256; flags *= 2 {
		add(fmt.Sprintf("reserved flag %d", flags), gzipfile.Seal(gzipfile.Header(byte(flags)), deflate(tb, "std", 6, nil, nil), nil))
	}
	for _, n := range []int{511, 512, 513} {
		for _, flag := range []byte{gzipfile.Name, gzipfile.Comment} {
			long := append(gzipfile.Header(flag)[:10], bytes.Repeat([]byte("n"), n)...)
			add(fmt.Sprintf("string %d of %d bytes", flag, n),
				gzipfile.Seal(append(long, 0), deflate(tb, "std", 6, text[:50], nil), text[:50]))
		}
	}
	bad := gzipfile.Header(31)
	bad[len(bad)-1]++
	add("wrong header checksum", gzipfile.Seal(bad, deflate(tb, "std", 6, text, nil), text))
	add("wrong magic", join([]byte("\x1f\x8c"), plain[2:]))
	add("wrong method", join([]byte("\x1f\x8b\x07"), plain[3:]))
	add("wrong checksum", gzipfile.Seal(gzipfile.Header(0), deflate(tb, "std", 6, text, nil), text[1:]))
	add("wrong length", append(bytes.Clone(plain[:len(plain)-1]), 1))
	add("nothing", nil)
	add("trailing zero", append(bytes.Clone(plain), 0))
	add("trailing zeros", join(plain, make([]byte, 512)))
	add("trailing zeros behind members", join(plain, empty, plain, make([]byte, 40_000)))
	add("trailing zeros behind nothing", join(empty, make([]byte, 40_000)))
	add("zeros before a member", join(plain, make([]byte, 512), plain))
	add("zeros before members", join(plain, []byte{0}, empty, make([]byte, 512), plain, make([]byte, 10_240), plain, make([]byte, 20)))
	add("much before a member", join(plain, make([]byte, 40_000), plain, make([]byte, 16<<10), plain))
	add("zeros before a cut member", join(plain, make([]byte, 512), plain[:len(plain)-1]))
	add("zeros before a header", join(plain, make([]byte, 512), gzipfile.Header(31)))
	add("zeros before the first member", join(make([]byte, 512), plain))
	add("zeros before a byte", join(plain, make([]byte, 40_000), []byte{1}))
	add("trailing text", join(plain, []byte("and so on, and so on")))
	add("trailing magic", join(plain, plain[:2]))
	add("trailing header", join(plain, gzipfile.Header(31)))
	add("members", join(plain, empty, plain, empty, empty, gzipfile.Seal(gzipfile.Header(31), deflate(tb, "klauspost", 1, text, nil), text)))
	add("bad member between", join(plain, gzipfile.Seal(bad, deflate(tb, "std", 6, text, nil), text), plain))
	add("empty members", join(empty, empty, empty))
	add("no deflate", join(gzipfile.Header(0), bytes.Repeat([]byte{0xff}, 40)))
	add("plain JSON", text)
	return files
}
