package qlogstest

import (
	"fmt"
	"strings"
	"time"
)

// kiroTurn is what one request of Kiro's says. Most prompts are empty, for those are the
// turns after a tool call.
func (t texts) kiroTurn() (prompt, answer, model string) {
	model = pick(t.dice, models)
	if t.chance(0.03) {
		return "Classify the request: " + t.questionLine(), t.route(), "simple-task"
	}
	if t.chance(0.6) {
		answer = t.answer()
	}
	if t.chance(0.7) {
		return "", answer, model
	}
	switch prompt = t.question(); t.rng.IntN(5) {
	case 0:
	case 1:
		prompt = t.cliPrompt(prompt)
	default:
		prompt = t.idePrompt(prompt)
	}
	return prompt, answer, model
}

// route is what Kiro's router answers: bare, in a fence, or now and then with
// text around it.
func (t texts) route() string {
	scores := pick(t.dice, []string{
		`{"chat": 0.0, "do": 1.0, "spec": 0.0}`, `{"chat": 1.0, "do": 0.0, "spec": 0.0}`, `{"chat": 0.1, "do": 0.7, "spec": 0.2}`,
	})
	switch t.rng.IntN(15) {
	case 0:
		return t.sentence() + "\n\n" + scores + "\n"
	case 1, 2, 3, 4:
		return "```json\n" + scores + "\n```"
	case 5, 6:
		return "```\n" + scores + "\n```"
	}
	return scores
}

// idePrompt adds what Kiro's IDE sends along with a prompt.
func (t texts) idePrompt(prompt string) string {
	var b strings.Builder
	if t.chance(0.15) {
		fmt.Fprintf(&b, "<user-rule id=\"%s.md\">\n%s\n</user-rule>\n", t.word(), t.prose(300))
	}
	b.WriteString(prompt)
	b.WriteString("\n\n<EnvironmentContext>\nThis is the state of the editor.\n\n<OPEN-EDITOR-FILES>\n")
	active := t.filePath()
	for range t.rng.IntN(4) {
		fmt.Fprintf(&b, "<file name=\"%s\" />\n", t.filePath())
	}
	fmt.Fprintf(&b, "<file name=\"%s\" />\n</OPEN-EDITOR-FILES>\n\n<ACTIVE-EDITOR-FILE>\n<file name=\"%s\" />\n</ACTIVE-EDITOR-FILE>\n</EnvironmentContext>", active, active)
	return b.String()
}

// cliPrompt wraps a prompt as Kiro's command line does.
func (t texts) cliPrompt(prompt string) string {
	now := firstDay().Add(time.Duration(t.rng.IntN(86_400)) * time.Second)
	return fmt.Sprintf("--- CONTEXT ENTRY BEGIN ---\nCurrent time: %s\n--- CONTEXT ENTRY END ---\n\n--- USER MESSAGE BEGIN ---\n%s\n--- USER MESSAGE END ---\n",
		now.Format("Monday, 2006-01-02T15:04:05.000+05:30"), prompt)
}
