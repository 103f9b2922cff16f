package qlogstest

import (
	"fmt"
	"math"
	"strings"
)

// longTexts is how many texts there are for one that is out of proportion.
const longTexts = 400

// texts make up what people, editors and models write.
type texts struct {
	dice
	maxText int // bytes
}

// size is log-normal with the given median, but now and then anything between a sixteenth
// of the maximum and the maximum.
func (t texts) size(median, sigma float64) int {
	limit := float64(t.maxText)
	if t.rng.IntN(longTexts) == 0 {
		return int(limit * math.Exp2(-4*t.rng.Float64()))
	}
	return int(min(median*math.Exp(sigma*t.rng.NormFloat64()), limit))
}

func (t texts) word() string { return pick(t.dice, words) }

// name is an identifier of two words.
func (t texts) name() string {
	second := t.word()
	return t.word() + strings.ToUpper(second[:1]) + second[1:]
}

func (t texts) fileName() string { return t.word() + "." + pick(t.dice, extensions) }

// filePath is absolute, of Windows or of Unix.
func (t texts) filePath() string {
	if t.chance(0.4) {
		return `c:\src\` + t.word() + `\` + t.fileName()
	}
	return "/home/dev/" + t.word() + "/" + t.word() + "/" + t.fileName()
}

func (t texts) sentence() string {
	var b strings.Builder
	t.appendSentence(&b)
	return b.String()
}

func (t texts) appendSentence(b *strings.Builder) {
	first := t.word()
	b.WriteString(strings.ToUpper(first[:1]) + first[1:])
	for range 4 + t.rng.IntN(12) {
		b.WriteByte(' ')
		switch r := t.rng.IntN(40); {
		case r == 0:
			b.WriteString(pick(t.dice, odd))
		case r < 3:
			b.WriteString("`" + t.name() + "`")
		case r < 20:
			b.WriteString(pick(t.dice, small))
		default:
			b.WriteString(t.word())
		}
	}
	b.WriteByte('.')
}

// prose is at least n bytes of sentences, or nothing if n is 0.
func (t texts) prose(n int) string {
	var b strings.Builder
	for b.Len() < n {
		if b.Len() > 0 {
			b.WriteString(pick(t.dice, []string{" ", " ", " ", "\n", "\n\n- "}))
		}
		t.appendSentence(&b)
	}
	return b.String()
}

func (t texts) questionLine() string {
	return fmt.Sprintf("%s the %s %s %s %s?", pick(t.dice, asks), t.word(), t.word(), pick(t.dice, small), t.word())
}

// question is what a user types, with pasted code if it is long.
func (t texts) question() string {
	line := t.questionLine()
	n := t.size(250, 1.3)
	if n < 150 {
		return line
	}
	if t.chance(0.5) {
		return line + "\n\n" + t.prose(n-len(line))
	}
	return line + "\n\n```\n" + t.code(n-len(line), "\n") + "\n```"
}

// answer is what a model writes: prose and code by turns.
func (t texts) answer() string {
	n := t.size(700, 1)
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(t.prose(min(n-b.Len(), 100+t.rng.IntN(300))))
		if left := n - b.Len(); left > 100 && t.chance(0.6) {
			b.WriteString("\n\n```go\n")
			b.WriteString(t.code(min(left, 100+t.rng.IntN(600)), "\n"))
			b.WriteString("```\n\n")
		}
	}
	return b.String()
}

// code is at least n bytes of source code, indented with tabs, or nothing if n
// is 0.
func (t texts) code(n int, eol string) string {
	var b strings.Builder
	line := func(indent int, format string, args ...any) {
		for range indent {
			b.WriteByte('\t')
		}
		fmt.Fprintf(&b, format, args...)
		b.WriteString(eol)
	}
	for b.Len() < n {
		f, a, v := t.name(), t.word(), t.name()
		line(0, "// %s %s", f, t.sentence())
		line(0, "func %s(%s %s, limit %s) (%s, error) {", f, a, pick(t.dice, types), pick(t.dice, types), pick(t.dice, types))
		for range 1 + t.rng.IntN(6) {
			if b.Len() >= n {
				return b.String()
			}
			t.statement(line, a, v)
		}
		line(1, "return %s, nil", v)
		line(0, "}")
		line(0, "")
	}
	return b.String()
}

func (t texts) statement(line func(int, string, ...any), a, v string) {
	switch t.rng.IntN(6) {
	case 0:
		line(1, "%s, err := %s.%s(%q, %d)", v, a, t.name(), t.word()+"/"+pick(t.dice, odd), t.rng.IntN(1000))
		line(1, "if err != nil {")
		line(2, `return fmt.Errorf("%s %s: %%w", err)`, t.word(), t.word())
		line(1, "}")
	case 1:
		line(1, "for i, %s := range %s {", t.word(), a)
		line(2, "%s[i] = %s.%s(i << %d)", v, a, t.name(), t.rng.IntN(9))
		line(1, "}")
	case 2:
		line(1, "%s := map[string]string{\"%s\": `%s`}", v, t.word(), t.word())
	case 3:
		line(1, "defer %s.%s()", a, t.name())
	case 4:
		line(1, "// %s", t.sentence())
	case 5:
		line(1, "%s = append(%s, %s{%s: %d, %s: '\\n'})", v, v, t.name(), t.word(), t.rng.IntN(1<<20), t.word())
	}
}
