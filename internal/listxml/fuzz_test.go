package listxml_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// FuzzParse compares with the SDK on documents that are mutated byte by byte.
func FuzzParse(f *testing.F) {
	for _, docs := range []map[string]string{read, refused} {
		for _, doc := range docs {
			if len(doc) < 4<<10 {
				f.Add([]byte(doc))
			}
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) { check(t, doc) })
}

// FuzzParseGenerated compares with the SDK on documents that are made up, so that
// most are sound.
func FuzzParseGenerated(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, oddity uint8) {
		check(t, []byte(newGenerator(seed, int(oddity)).document()))
	})
}

// What is made up has to reach both outcomes.
func TestGenerated(t *testing.T) {
	const n = 400
	accepted := 0
	for seed := range uint64(n) {
		if check(t, []byte(newGenerator(seed, int(seed%4)).document())) {
			accepted++
		}
	}
	if accepted < n/4 || accepted > n*9/10 {
		t.Errorf("Parse reads %d of %d documents, want many, and not all", accepted, n)
	}
}

// A generator makes up documents. oddity, in thousands of choices, is how often it
// does what no store does.
type generator struct {
	r      *rand.Rand
	oddity int
}

func newGenerator(seed uint64, oddity int) *generator {
	return &generator{r: rand.New(rand.NewPCG(seed, 1)), oddity: oddity}
}

func pick[T any](g *generator, from ...T) T { return from[g.r.IntN(len(from))] }

func (g *generator) odd() bool { return g.r.IntN(1000) < g.oddity }

func (g *generator) document() string {
	end := pick(g, "", "\n", " \n\t")
	if g.odd() {
		end = pick(g, "a", "<a/>", "<!-- a -->", "\x00", "&")
	}
	root := "ListBucketResult" + pick(g, "", ` xmlns=""`, ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`)
	if g.odd() {
		root = pick(g, "ListBucketResult a=\"b\"", "Error", "a:ListBucketResult", "ListBucketResult\n", `ListBucketResult xmlns="xmlns"`, `ListBucketResult xmlns="xml"`, `ListBucketResult xmlns="&lt;"`)
	}
	head := pick(g, "", declaration, `<?xml version="1.0"?>`, `<?xml version='1.0' encoding='utf-8'?>`)
	if g.odd() {
		head = pick(g, "\ufeff", `<?xml version="1.0" encoding="utf-16"?>`, `<!DOCTYPE a>`, `<?xml?>`, "<!-- a -->")
	}
	name, _, _ := strings.Cut(strings.TrimSpace(root), " ")
	return head + "<" + root + ">" + g.elements(map[string]func() string{
		"Name": g.text, "Prefix": g.text, "Delimiter": g.text, "StartAfter": g.text, "EncodingType": g.text,
		"ContinuationToken": g.text, "NextContinuationToken": g.text,
		"KeyCount": g.number, "MaxKeys": g.number, "IsTruncated": g.truth,
		"Contents": g.object, "CommonPrefixes": func() string { return g.elements(map[string]func() string{"Prefix": g.text}, 1) },
	}, 6) + "</" + name + ">" + end
}

func (g *generator) object() string {
	return g.elements(map[string]func() string{
		"Key": g.text, "ETag": g.text, "StorageClass": g.text, "ChecksumType": g.text, "ChecksumAlgorithm": g.text, "Size": g.number, "LastModified": g.time,
		"Owner": func() string { return g.elements(map[string]func() string{"ID": g.text, "DisplayName": g.text}, 1) },
		"RestoreStatus": func() string {
			return g.elements(map[string]func() string{"IsRestoreInProgress": g.truth, "RestoreExpiryDate": g.time}, 1)
		},
	}, 1)
}

// elements are some of those that are given, with the ones that come many times up to
// many times, and new ones between.
func (g *generator) elements(content map[string]func() string, many int) string {
	var names []string
	for name := range content {
		names = append(names, name)
	}
	slices.Sort(names)
	g.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var b strings.Builder
	for _, name := range names {
		n := g.r.IntN(2)
		if name == "Contents" || name == "CommonPrefixes" || name == "ChecksumAlgorithm" {
			n = g.r.IntN(many + 2)
		}
		if g.odd() {
			n++
		}
		for range n {
			b.WriteString(pick(g, "", "", "\n", " \t"))
			b.WriteString(g.element(name, content[name]()))
		}
		if g.r.IntN(20) == 0 {
			b.WriteString(g.element(pick(g, "New", "Key2", "member", "x-y.z"), g.anything(3)))
		}
		if g.odd() {
			b.WriteString(pick(g, "a", "<!-- a -->", "&amp;", "<![CDATA[a]]>", "\r\n", "<?a?>", "\u00a0", "</a>", "<"))
		}
	}
	return b.String()
}

func (g *generator) element(name, content string) string {
	start, end := name, name
	if g.odd() {
		start = pick(g, strings.ToLower(name), strings.ToUpper(name), "a:"+name, name+` a="b"`, name+"\n", " "+name, strings.ReplaceAll(name, "K", "\u212a"), strings.ReplaceAll(name, "s", "\u017f"))
		end = strings.TrimSpace(strings.TrimSuffix(start, ` a="b"`))
	}
	if g.odd() {
		end = pick(g, name+" ", name+"x", "", strings.ToLower(name))
	}
	if content == "" && g.r.IntN(2) == 0 {
		return "<" + start + pick(g, "/>", " />")
	}
	return "<" + start + ">" + content + "</" + end + ">"
}

// anything is the content of an element that is not known.
func (g *generator) anything(depth int) string {
	var b strings.Builder
	b.WriteString(g.text())
	for depth > 0 && g.r.IntN(2) == 0 {
		b.WriteString(g.element(pick(g, "Key", "Contents", "B", "New"), g.anything(depth-1)))
		b.WriteString(g.text())
	}
	return b.String()
}

func (g *generator) text() string {
	var b strings.Builder
	for range g.r.IntN(4) {
		b.WriteString(pick(g, "a", "b/c", "STANDARD", "url", "%20", "+", " ", "\n", "é", "日", "😀", "]]", ">x", "'", `"`, "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#34;", "&#x0A;", "&#13;", "&#x1F600;"))
		if g.odd() {
			b.WriteString(pick(g, "&", ";", "&a;", "&#0;", "&#xD800;", "&#xFFFE;", "&#X41;", "&#x110000;", "&#00000000000065;", "\x01", "\xff", "\ufffe", "\r", "]]>", "<!-- a -->", "<![CDATA[a]]>", "<a/>"))
		}
	}
	return b.String()
}

func (g *generator) number() string {
	if g.odd() {
		return pick(g, "", " 1", "1_0", "0x1", "1e3", "99999999999999999999", "-", "９")
	}
	return pick(g, fmt.Sprint(g.r.IntN(1e6)), fmt.Sprint(g.r.Int64()), fmt.Sprint(-g.r.Int64()), "+7", "007", "0")
}

func (g *generator) truth() string {
	if g.odd() {
		return pick(g, "", "yes", "tRUE", " true")
	}
	return pick(g, "true", "false", "true", "false", "True", "1", "f")
}

func (g *generator) time() string {
	if g.odd() {
		return pick(g, "", "2026", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60.000Z", "2026-01-01 00:00:00Z", "20260101T000000Z")
	}
	date := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", g.r.IntN(10000), 1+g.r.IntN(12), 1+g.r.IntN(28), g.r.IntN(24), g.r.IntN(60), g.r.IntN(60))
	return date + pick(g, "Z", ".000Z", ".123Z", fmt.Sprintf(".%03dZ", g.r.IntN(1000)), ".5Z", ",250Z", ".123456789Z", "+02:00", "")
}
