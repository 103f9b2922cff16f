package loggen

import (
	"strings"
	"time"
	"unicode"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// record makes one record of the partition's log type.
func (g *generator) record(p path.Partition, at time.Time) draft {
	want := Want{LogType: string(p.LogType), RequestID: g.uuid(), UserID: g.user(), Time: at}
	var value object
	switch p.LogType {
	case path.GenerateAssistantResponse:
		value = g.chat(p, at, &want)
	case path.GenerateCompletions:
		value = g.completion(p, at, &want)
	case path.StartTaskAssistCodeGeneration:
		value = g.task(p, at, &want)
	default:
		value = g.unknown(p, at, want)
	}
	return draft{value, want}
}

// completion makes a record of a suggestion inside an editor. Many hold no
// completions.
func (g *generator) completion(p path.Partition, at time.Time, want *Want) object {
	eol := "\n"
	if g.chance(0.25) {
		eol = "\r\n"
	}
	left, right := g.code(g.size(2500, 0.9), eol), ""
	if g.chance(0.7) {
		right = g.code(g.size(200, 1.2), eol)
	}
	want.PromptBytes = len(left) + len(right)
	completions := []any{}
	for range pick(g.rng, []int{0, 0, 0, 1, 1, 1, 1, 1, 2, 3}) {
		completions = append(completions, g.code(g.size(90, 1), eol))
	}
	request := object{{"leftContext", left}, {"rightContext", right}, {"fileName", g.fileName()}}
	if arn := g.customization(p); arn != nil || p.Product != path.KiroLogs {
		request = append(request, member{"customizationArn", arn})
	}
	request = append(request, member{"userId", want.UserID}, member{"timeStamp", stamp(at)})
	return object{
		{"generateCompletionsEventRequest", request},
		{"generateCompletionsEventResponse", object{{"completions", completions}, {"requestId", want.RequestID}}},
	}
}

// task makes a record of a /dev command, whose response is not logged.
func (g *generator) task(p path.Partition, at time.Time, want *Want) object {
	prompt := g.question()
	want.PromptBytes = len(prompt)
	return object{
		{"startTaskAssistCodeGenerationEventRequest", object{
			{"prompt", prompt},
			{"chatTriggerType", "MANUAL"},
			{"conversationId", g.uuid()},
			{"customizationArn", g.customization(p)},
			{"userId", want.UserID},
			{"timeStamp", stamp(at)},
		}},
		{"startTaskAssistCodeGenerationEventResponse", object{{"requestId", want.RequestID}}},
	}
}

// unknown makes a record of a kind that nobody knows yet.
func (g *generator) unknown(p path.Partition, at time.Time, want Want) object {
	stem := []rune(string(p.LogType))
	stem[0] = unicode.ToLower(stem[0])
	return object{
		{string(stem) + "EventRequest", object{
			{"input", g.question()},
			{"attempt", g.rng.IntN(5)},
			{"userId", want.UserID},
			{"timeStamp", stamp(at)},
		}},
		{string(stem) + "EventResponse", object{{"requestId", want.RequestID}}},
	}
}

// stamp writes 6 digits if they suffice and 9 otherwise.
func stamp(t time.Time) string {
	s := t.Format("2006-01-02T15:04:05.000000000")
	return strings.TrimSuffix(s, "000") + "Z"
}
