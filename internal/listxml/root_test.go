package listxml_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/listxml"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// A document that is read is not odd, nor one that the SDK is to read or to refuse.
func TestOddPasses(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if why := listxml.Odd([]byte(read[name]), true); why != "" {
			t.Errorf("%s: Odd = %q, want none", name, why)
		}
	}
	for name, doc := range map[string]string{
		"nothing":                 "",
		"a text":                  "upstream connect error",
		"a declaration":           declaration,
		"cut in a comment":        "<!-- a",
		"cut in the root":         pageOf(2)[:1000],
		"cut in the root's name":  "<ListBucketResult",
		"a comment on both sides": "<!-- <a> -->" + `<ListBucketResult><Name>a</Name></ListBucketResult>` + " <!-- </a> -->\n<?a?>",
		"an end in a comment":     `<ListBucketResult><!-- </ListBucketResult> --><Name>a</Name></ListBucketResult>`,
		"an end in CDATA":         page(`<Name><![CDATA[</ListBucketResult><a/>]]></Name>`),
		"a document type":         `<!DOCTYPE ListBucketResult [<!ENTITY a "b">]>` + `<ListBucketResult></ListBucketResult>`,
		"a prefix":                `<s3:ListBucketResult xmlns:s3="b"><s3:Name>a</s3:Name></s3:ListBucketResult>`,
		"a spaced end":            "<ListBucketResult></ListBucketResult\n>\r\n",
		"a byte order mark":       "\ufeff" + page(""),
		"a name that goes on":     page(`<New></ListBucketResults></New>`),
	} {
		if why := listxml.Odd([]byte(doc), true); why != "" {
			t.Errorf("%s: Odd = %q, want none", name, why)
		}
	}
}

func TestOdd(t *testing.T) {
	for name, tt := range map[string]struct{ doc, says string }{
		"HTML":                   {"<!DOCTYPE html>\n<html><body/></html>", "HTML"},
		"HTML in capitals":       {"<HTML></HTML>", "HTML"},
		"an error":               {declaration + `<Error><Code>a</Code></Error>`, "Error"},
		"the list of buckets":    {`<ListAllMyBucketsResult/>`, "ListAllMyBucketsResult"},
		"versions":               {`<s3:ListVersionsResult/>`, "ListVersionsResult"},
		"nearly":                 {`<ListBucketResults/>`, "ListBucketResults"},
		"other letters":          {`<listbucketresult/>`, "listbucketresult"},
		"behind a comment":       {`<!-- <ListBucketResult> --><a/>`, "element a"},
		"a long name":            {"<" + strings.Repeat("a", 100) + "/>", "another document"},
		"a name of other bytes":  {"<ListBücket/>", "another document"},
		"no name":                {"< >", "another document"},
		"text before":            {"a" + page(""), "begins with text"},
		"text behind":            {page("") + "a", "more follows"},
		"an element behind":      {page("") + "<a/>", "more follows"},
		"a listing behind":       {page("") + page(""), "more follows"},
		"behind an empty root":   {"<ListBucketResult />" + page(""), "more follows"},
		"CDATA behind":           {page("") + "<![CDATA[a]]>", "more follows"},
		"behind one with CDATA":  {page("<Name><![CDATA[a]]></Name>") + "<a/>", "more follows"},
		"an end tag behind":      {page("") + "</ListBucketResult>", "more follows"},
		"a cut listing behind":   {page("") + "<ListBucketRes", "more follows"},
		"behind one of a prefix": {"<b:ListBucketResult></b:ListBucketResult>0", "more follows"},
	} {
		if why := listxml.Odd([]byte(tt.doc), true); !strings.Contains(why, tt.says) || why == "" {
			t.Errorf("%s: Odd = %q, want that it says %q", name, why, tt.says)
		}
	}
	if why := listxml.Odd([]byte("<html>"+strings.Repeat(" ", 100)), false); why == "" {
		t.Error("the begin of an HTML page is not odd")
	}
	if why := listxml.Odd([]byte(page("")+"<a/>"), false); why != "" {
		t.Errorf("Odd = %q by what may not be the end", why)
	}
}

func TestOddLinear(t *testing.T) {
	for _, unit := range []string{"<!-- a -->", "<!DOCTYPE a>", "<!DOCTYPE [", "<?a?>", "<", "</ListBucketResult", "</ListBucketResult ", "<ListBucketResult>", "<a><!-- a -->", " ", "]>"} {
		t.Run(unit, func(t *testing.T) {
			testutil.Linear(t, "Odd", 64<<10, func(n int) func() {
				before := []byte(testutil.Repeat(unit, n))
				within := []byte("<ListBucketResult>" + testutil.Repeat(unit, n))
				return func() {
					listxml.Odd(before, true)
					listxml.Odd(within, true)
				}
			})
		})
	}
}
