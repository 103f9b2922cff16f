package loggen

import (
	"fmt"
	"strings"
)

func (g *generator) word() string { return pick(g.rng, words) }

// name is an identifier of two words.
func (g *generator) name() string {
	second := g.word()
	return g.word() + strings.ToUpper(second[:1]) + second[1:]
}

func (g *generator) fileName() string { return g.word() + "." + pick(g.rng, extensions) }

// filePath is absolute, of Windows or of Unix.
func (g *generator) filePath() string {
	if g.chance(0.4) {
		return `c:\src\` + g.word() + `\` + g.fileName()
	}
	return "/home/dev/" + g.word() + "/" + g.word() + "/" + g.fileName()
}

func (g *generator) sentence() string {
	var b strings.Builder
	g.appendSentence(&b)
	return b.String()
}

func (g *generator) appendSentence(b *strings.Builder) {
	first := g.word()
	b.WriteString(strings.ToUpper(first[:1]) + first[1:])
	for range 4 + g.rng.IntN(12) {
		b.WriteByte(' ')
		switch r := g.rng.IntN(40); {
		case r == 0:
			b.WriteString(pick(g.rng, odd))
		case r < 3:
			b.WriteString("`" + g.name() + "`")
		case r < 20:
			b.WriteString(pick(g.rng, small))
		default:
			b.WriteString(g.word())
		}
	}
	b.WriteByte('.')
}

// prose is at least n bytes of sentences, or nothing if n is 0.
func (g *generator) prose(n int) string {
	var b strings.Builder
	for b.Len() < n {
		if b.Len() > 0 {
			b.WriteString(pick(g.rng, []string{" ", " ", " ", "\n", "\n\n- "}))
		}
		g.appendSentence(&b)
	}
	return b.String()
}

func (g *generator) questionLine() string {
	return fmt.Sprintf("%s the %s %s %s %s?", pick(g.rng, asks), g.word(), g.word(), pick(g.rng, small), g.word())
}

// question is what a user types, with pasted code if it is long.
func (g *generator) question() string {
	line := g.questionLine()
	n := g.size(250, 1.3)
	if n < 150 {
		return line
	}
	if g.chance(0.5) {
		return line + "\n\n" + g.prose(n-len(line))
	}
	return line + "\n\n```\n" + g.code(n-len(line), "\n") + "\n```"
}

// answer is what a model writes: prose and code by turns.
func (g *generator) answer() string {
	n := g.size(700, 1)
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(g.prose(min(n-b.Len(), 100+g.rng.IntN(300))))
		if left := n - b.Len(); left > 100 && g.chance(0.6) {
			b.WriteString("\n\n```go\n")
			b.WriteString(g.code(min(left, 100+g.rng.IntN(600)), "\n"))
			b.WriteString("```\n\n")
		}
	}
	return b.String()
}

// code is at least n bytes of source code, indented with tabs, or nothing if n
// is 0.
func (g *generator) code(n int, eol string) string {
	var b strings.Builder
	line := func(indent int, format string, args ...any) {
		for range indent {
			b.WriteByte('\t')
		}
		fmt.Fprintf(&b, format, args...)
		b.WriteString(eol)
	}
	for b.Len() < n {
		f, a, v := g.name(), g.word(), g.name()
		line(0, "// %s %s", f, g.sentence())
		line(0, "func %s(%s %s, limit %s) (%s, error) {", f, a, pick(g.rng, types), pick(g.rng, types), pick(g.rng, types))
		for range 1 + g.rng.IntN(6) {
			if b.Len() >= n {
				return b.String()
			}
			g.statement(line, a, v)
		}
		line(1, "return %s, nil", v)
		line(0, "}")
		line(0, "")
	}
	return b.String()
}

func (g *generator) statement(line func(int, string, ...any), a, v string) {
	switch g.rng.IntN(6) {
	case 0:
		line(1, "%s, err := %s.%s(%q, %d)", v, a, g.name(), g.word()+"/"+pick(g.rng, odd), g.rng.IntN(1000))
		line(1, "if err != nil {")
		line(2, `return fmt.Errorf("%s %s: %%w", err)`, g.word(), g.word())
		line(1, "}")
	case 1:
		line(1, "for i, %s := range %s {", g.word(), a)
		line(2, "%s[i] = %s.%s(i << %d)", v, a, g.name(), g.rng.IntN(9))
		line(1, "}")
	case 2:
		line(1, "%s := map[string]string{\"%s\": `%s`}", v, g.word(), g.word())
	case 3:
		line(1, "defer %s.%s()", a, g.name())
	case 4:
		line(1, "// %s", g.sentence())
	case 5:
		line(1, "%s = append(%s, %s{%s: %d, %s: '\\n'})", v, v, g.name(), g.word(), g.rng.IntN(1<<20), g.word())
	}
}
