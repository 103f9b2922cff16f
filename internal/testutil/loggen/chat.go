package loggen

import (
	"fmt"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// chat makes a record of a chat.
func (g *generator) chat(p path.Partition, at time.Time, want *Want) object {
	if p.Product == path.KiroLogs {
		return g.kiroChat(want, at)
	}
	prompt := g.question()
	want.PromptBytes = len(prompt)
	links := []any{}
	for range pick(g.rng, []int{0, 0, 1, 3}) {
		links = append(links, object{
			{"uri", "https://docs.example.com/" + g.word() + "/" + g.word()},
			{"title", g.sentence()},
			{"snippet", g.prose(120)},
		})
	}
	followups := ""
	if g.chance(0.5) {
		followups = g.questionLine() + g.questionLine()
	}
	var conversation any
	if g.chance(0.7) {
		conversation = g.uuid()
	}
	return object{
		{"generateAssistantResponseEventRequest", object{
			{"prompt", prompt},
			{"chatTriggerType", g.trigger()},
			{"customizationArn", g.customization(p)},
			{"userId", want.UserID},
			{"timeStamp", stamp(at)},
		}},
		{"generateAssistantResponseEventResponse", object{
			{"assistantResponse", g.answer()},
			{"followupPrompts", followups},
			{"messageMetadata", object{{"conversationId", conversation}, {"utteranceId", nil}}},
			{"codeReferenceEvents", []any{}},
			{"supplementaryWebLinksEvent", links},
			{"requestId", want.RequestID},
		}},
	}
}

// kiroChat leaves out keys as Kiro does. Most prompts are empty, for those are
// the turns after a tool call.
func (g *generator) kiroChat(want *Want, at time.Time) object {
	prompt, answer, model := g.kiroTurn()
	want.PromptBytes = len(prompt)
	request := object{
		{"prompt", prompt},
		{"chatTriggerType", "MANUAL"},
		{"userId", want.UserID},
		{"timeStamp", stamp(at)},
	}
	response := object{{"assistantResponse", answer}}
	if g.chance(0.93) {
		request = append(request, member{"modelId", model})
	} else {
		response = append(response, member{"followupPrompts", g.questionLine()})
	}
	switch r := g.rng.IntN(20); {
	case r == 0:
		response = append(response, member{"messageMetadata", nil})
	case r < 5:
		response = append(response, member{"messageMetadata", object{{"conversationId", nil}, {"utteranceId", nil}}})
	}
	if g.chance(0.85) {
		response = append(response, member{"codeReferenceEvents", []any{}})
	}
	switch r := g.rng.IntN(10); {
	case r == 0:
		response = append(response, member{"supplementaryWebLinksEvent", nil})
	case r < 4:
		response = append(response, member{"supplementaryWebLinksEvent", []any{}})
	}
	response = append(response, member{"requestId", want.RequestID})
	return object{
		{"generateAssistantResponseEventRequest", request},
		{"generateAssistantResponseEventResponse", response},
	}
}

func (g *generator) kiroTurn() (prompt, answer, model string) {
	model = pick(g.rng, models)
	if g.chance(0.03) {
		return "Classify the request: " + g.questionLine(), g.route(), "simple-task"
	}
	if g.chance(0.6) {
		answer = g.answer()
	}
	if g.chance(0.7) {
		return "", answer, model
	}
	switch prompt = g.question(); g.rng.IntN(5) {
	case 0:
	case 1:
		prompt = g.cliPrompt(prompt)
	default:
		prompt = g.idePrompt(prompt)
	}
	return prompt, answer, model
}

// route is what Kiro's router answers: bare, in a fence, or now and then with
// text around it.
func (g *generator) route() string {
	scores := pick(g.rng, []string{
		`{"chat": 0.0, "do": 1.0, "spec": 0.0}`, `{"chat": 1.0, "do": 0.0, "spec": 0.0}`, `{"chat": 0.1, "do": 0.7, "spec": 0.2}`,
	})
	switch g.rng.IntN(15) {
	case 0:
		return g.sentence() + "\n\n" + scores + "\n"
	case 1, 2, 3, 4:
		return "```json\n" + scores + "\n```"
	case 5, 6:
		return "```\n" + scores + "\n```"
	}
	return scores
}

// idePrompt adds what Kiro's IDE sends along with a prompt.
func (g *generator) idePrompt(prompt string) string {
	var b strings.Builder
	if g.chance(0.15) {
		fmt.Fprintf(&b, "<user-rule id=\"%s.md\">\n%s\n</user-rule>\n", g.word(), g.prose(300))
	}
	b.WriteString(prompt)
	b.WriteString("\n\n<EnvironmentContext>\nThis is the state of the editor.\n\n<OPEN-EDITOR-FILES>\n")
	active := g.filePath()
	for range g.rng.IntN(4) {
		fmt.Fprintf(&b, "<file name=\"%s\" />\n", g.filePath())
	}
	fmt.Fprintf(&b, "<file name=\"%s\" />\n</OPEN-EDITOR-FILES>\n\n<ACTIVE-EDITOR-FILE>\n<file name=\"%s\" />\n</ACTIVE-EDITOR-FILE>\n</EnvironmentContext>", active, active)
	return b.String()
}

// cliPrompt wraps a prompt as Kiro's command line does.
func (g *generator) cliPrompt(prompt string) string {
	now := firstDay().Add(time.Duration(g.rng.IntN(86_400)) * time.Second)
	return fmt.Sprintf("--- CONTEXT ENTRY BEGIN ---\nCurrent time: %s\n--- CONTEXT ENTRY END ---\n\n--- USER MESSAGE BEGIN ---\n%s\n--- USER MESSAGE END ---\n",
		now.Format("Monday, 2006-01-02T15:04:05.000+05:30"), prompt)
}

func (g *generator) trigger() string {
	if g.chance(0.1) {
		return "INLINE_CHAT"
	}
	return "MANUAL"
}

func (g *generator) customization(p path.Partition) any {
	if g.chance(0.95) {
		return nil
	}
	return fmt.Sprintf("arn:aws:codewhisperer:%s:%s:customization/EXAMPLE%05d", p.Region, p.Account, g.rng.IntN(100_000))
}
