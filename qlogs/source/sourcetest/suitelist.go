package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// asked is how a message names a listing.
func asked(in source.ListInput) string {
	text := fmt.Sprintf("List(Prefix: %q", in.Prefix)
	if in.After != "" {
		text += fmt.Sprintf(", After: %q", in.After)
	}
	if in.Folders {
		text += ", Folders: true"
	}
	return text + ")"
}

// wanted returns what a listing has to yield, by the documentation of ListInput.
func (s *suite) wanted(in source.ListInput) []string {
	var want []string
	for _, key := range slices.Sorted(maps.Keys(s.held)) {
		rest, within := strings.CutPrefix(key, in.Prefix)
		if !within {
			continue
		}
		if name, _, below := strings.Cut(rest, "/"); below && in.Folders {
			key = in.Prefix + name + "/"
		}
		if key > in.After {
			want = append(want, key)
		}
	}
	return slices.Compact(want)
}

// list lists, and compares with what the store holds. It returns the objects, and nothing
// if anything was wrong.
func (s *suite) list(in source.ListInput) []source.Object {
	s.Helper()
	var all []source.Object
	last := ""
	for o, err := range s.Source.List(s.Context(), in) {
		if err != nil {
			s.Errorf("%s yields the error %v", asked(in), err)
			return nil
		}
		if wrong := disorder(in, o, last); wrong != "" {
			s.Errorf("%s yields %q: %s", asked(in), o.Key, wrong)
			return nil
		}
		last = o.Key
		all = append(all, o)
	}
	want := s.wanted(in)
	for i := range max(len(want), len(all)) {
		switch {
		case i == len(all) || i < len(want) && want[i] < all[i].Key:
			s.Errorf("%s leaves out %q, %d of %d", asked(in), want[i], i+1, len(want))
			return nil
		case i == len(want) || want[i] != all[i].Key:
			s.Errorf("%s yields %q, which it should not", asked(in), all[i].Key)
			return nil
		}
	}
	return all
}

// disorder says what is wrong with what follows the key last; "" for nothing.
func disorder(in source.ListInput, o source.Object, last string) string {
	rest, within := strings.CutPrefix(o.Key, in.Prefix)
	below := strings.Contains(rest, "/")
	switch {
	case !utf8.ValidString(o.Key):
		return "keys are valid UTF-8"
	case !within:
		return "yield only keys that start with Prefix"
	case o.Key <= in.After && o.Folder:
		return "leave out a folder that After lies in, or that sorts up to it"
	case o.Key <= in.After:
		return "leave out all keys up to and including After"
	case o.Key == last:
		return "yield each key once"
	case o.Key < last:
		return fmt.Sprintf("it comes after %q: list in bytewise order of whole keys, in which a-b/c comes before a/c", last)
	case o.Folder && !in.Folders:
		return "yield objects alone if Folders is not set"
	case in.Folders && below && !o.Folder:
		return `fold what has a "/" after Prefix into one Object with Folder set and a Key that ends in that slash`
	case o.Folder && strings.Index(rest, "/") != len(rest)-1:
		return "the Key of a folder ends in the first slash after Prefix"
	case o.Folder && o != (source.Object{Key: o.Key, Folder: true}):
		return fmt.Sprintf("a folder has a Key and Folder, and all else is zero: %+v", o)
	}
	return ""
}

// orderObjects have names whose order as names differs from that of their keys. None is
// another one but for its case, which not every store can hold.
func orderObjects() map[string][]byte {
	return keys(
		"o/B/1", "o/a/1", "o/a/1.json", "o/a/b/1", "o/a-b/1", "o/a-b.json", "o/a.b/1", "o/a.json", "o/a0/1", "o/a0.json",
		"o/ab/1", "o/z/1", "o/10/1", "o/9/1", "o/a-/b/c", "o/a-/b-/c", "o/a-/b.c", "p", "q/1",
	)
}

func (s *suite) order() {
	for _, prefix := range []string{"", "o/", "o/a/", "o/a-/", "o/nothing/", "q/1"} {
		s.list(source.ListInput{Prefix: prefix})
		s.list(source.ListInput{Prefix: prefix, Folders: true})
	}
	for _, after := range s.wanted(source.ListInput{Prefix: "o/"}) {
		s.list(source.ListInput{Prefix: "o/", After: after})
	}
}

// afterObjects are those of three hours.
func afterObjects() map[string][]byte {
	var list []string
	for hour := range 3 {
		for i := range 4 {
			list = append(list, fmt.Sprintf("h/2026/03/02/%02d/%d.json", hour, i))
		}
	}
	return keys(list...)
}

func (s *suite) after() {
	for _, after := range []string{
		"", "a", "h/", "h/2026/03/02/", "h/2026/03/02/01/", "h/2026/03/02/01/1.json", "h/2026/03/02/01/1.jso",
		"h/2026/03/02/01/1.json~", "h/2026/03/02/01/3.json", "h/2026/03/02/010", "h/2026/03/02/02/3.json", "z",
	} {
		s.list(source.ListInput{Prefix: "h/", After: after})
		s.list(source.ListInput{Prefix: "h/2026/03/02/01/", After: after})
	}
}

func folderObjects() map[string][]byte {
	return keys("f/a", "f/b/1", "f/b/2", "f/b-/1", "f/b0", "f/c.json", "f/d/x/y/1", "f/e/1", "f/f", "g")
}

func (s *suite) folders() {
	for _, prefix := range []string{"", "f/", "f/b/", "f/d/", "f/d/x/y/", "f/nothing/"} {
		s.list(source.ListInput{Prefix: prefix, Folders: true})
	}
	for _, after := range []string{"f/a", "f/b-/", "f/b/", "f/b/1", "f/d/", "f/d/x/y/1", "f/f"} {
		s.list(source.ListInput{Prefix: "f/", After: after, Folders: true})
	}
}

// pageObjects are more than two pages of S3 hold, and more folders than one.
func pageObjects() map[string][]byte {
	var list []string
	for i := range 2100 {
		list = append(list, fmt.Sprintf("p/%04d", i))
	}
	for i := range 1010 {
		list = append(list, fmt.Sprintf("q/%04d/x", i))
	}
	return keys(list...)
}

func (s *suite) pages() {
	s.list(source.ListInput{Prefix: "p/"})
	for _, i := range []int{0, 998, 999, 1000, 1099, 2099} {
		s.list(source.ListInput{Prefix: "p/", After: fmt.Sprintf("p/%04d", i)})
	}
	s.list(source.ListInput{Prefix: "q/", Folders: true})
	s.list(source.ListInput{Prefix: "q/", After: "q/0999/x", Folders: true})
}

func characterKeys() []string {
	var list []string
	for _, name := range []string{"my logs", "a+b", "a b+c", "100%", "%2F", "%zz", "a%20b", "é", "日志/🙂", "a&b=c;d", "it's(1)!~", "a#b", "$,@[]{}^`", "a!", "｡", "🙂"} {
		list = append(list, "k/"+name+"/1", "k/"+name+"/2")
	}
	return list
}

// reservedKeys have characters that Windows does not allow in names.
func reservedKeys() []string {
	var list []string
	for _, name := range []string{`quo"te`, "<x>", "a?b", "a*b", "a|b", "a:b"} {
		list = append(list, "k/"+name+"/1", "k/"+name+"/2")
	}
	return list
}

func (s *suite) characters() {
	s.list(source.ListInput{Prefix: "k/"})
	s.list(source.ListInput{Prefix: "k/", Folders: true})
	for _, key := range s.wanted(source.ListInput{}) {
		folder := key[:strings.LastIndexByte(key, '/')+1]
		for _, o := range s.list(source.ListInput{Prefix: folder, After: key[:len(key)-1]}) {
			s.reads(s.Source, o, 0, s.held[o.Key])
		}
	}
}

// objects looks at what a listing says of them.
func (s *suite) objects() {
	again := s.list(source.ListInput{})
	for i, o := range s.list(source.ListInput{}) {
		switch size := int64(len(s.held[o.Key])); {
		case o.Size != size:
			s.Errorf("List gives %q the Size %d, but %d bytes are stored", o.Key, o.Size, size)
		case o.VersionID != "":
			s.Errorf("List gives %q the VersionID %q: listings leave it empty", o.Key, o.VersionID)
		case o.Archived:
			s.Errorf("List gives %q as Archived: that is for objects that have to be restored first", o.Key)
		case i < len(again) && o.ETag != again[i].ETag:
			s.Errorf("List gives %q the ETag %s, then %s: it changes only with the content", o.Key, again[i].ETag, o.ETag)
		}
	}
}

// leftObjects are more than a page of S3 holds.
func leftObjects() map[string][]byte {
	var list []string
	for i := range 1002 {
		list = append(list, fmt.Sprintf("p/%04d", i))
	}
	return keys(list...)
}

// left leaves listings at their first pairs, within and at the end of a page.
func (s *suite) left() {
	for _, most := range []int{1, 2, 999, 1000, 1001} {
		n := 0
		func() {
			defer func() {
				if e := recover(); e != nil {
					s.Errorf("a loop over List that is left at pair %d ends in a panic: when yield returns false, return: %v", most, e)
				}
			}()
			for range s.Source.List(s.Context(), source.ListInput{Prefix: "p/"}) {
				if n++; n == most {
					break
				}
			}
		}()
	}
}

// cancelled lists with a context that is done.
func (s *suite) cancelled() {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	n := 0
	for o, err := range s.Source.List(ctx, source.ListInput{Prefix: "c/"}) {
		if n++; n > 1 || !errors.Is(err, context.Canceled) {
			s.Errorf("List with a context that is done yields %q, %v: yield one error, the context's", o.Key, err)
			return
		}
	}
	if n == 0 {
		s.Error("List with a context that is done yields nothing, as for an empty store: yield one error, the context's")
	}
}
