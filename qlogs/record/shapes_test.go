package record_test

// The samples of these tests are invented. Their shapes are those of real logs
// and of what could become of them.

const (
	user  = "d-1234567890.0f0e0d0c-1111-4222-8333-444455556666"
	stamp = "2026-07-27T23:03:29.027400929Z"
)

// shapes are records that decode and come back as the same JSON value.
var shapes = []struct{ name, in string }{
	{"chat of 2025 with every key", `{"generateAssistantResponseEventRequest":{"prompt":"why does this loop never end?","chatTriggerType":"MANUAL","customizationArn":null,"userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2025-04-18T08:05:03.230565389Z"},"generateAssistantResponseEventResponse":{"assistantResponse":"` + "`i` is never changed:\\n```go\\nfor i < 3 {}\\n```" + `","followupPrompts":"How do I stop it?What is a range loop?","messageMetadata":{"conversationId":"6c6e1300-0000-4000-8000-000000000001","utteranceId":null},"codeReferenceEvents":[],"supplementaryWebLinksEvent":[{"uri":"https://go.dev/ref/spec","title":"The Go spec","snippet":"For statements"}],"requestId":"dcbb3d32-0000-4000-8000-000000000001"}}`},
	{"chat of 2026 with an empty prompt", `{"generateAssistantResponseEventRequest":{"prompt":"","chatTriggerType":"MANUAL","userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2026-07-27T23:03:29.027400929Z","modelId":"claude-opus-5"},"generateAssistantResponseEventResponse":{"assistantResponse":"","codeReferenceEvents":[],"requestId":"64d13ea7-0000-4000-8000-000000000001"}}`},
	{"chat of 2026 from a router", `{"generateAssistantResponseEventRequest":{"prompt":"classify","chatTriggerType":"MANUAL","userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2026-07-27T23:03:31.5Z","modelId":"simple-task"},"generateAssistantResponseEventResponse":{"assistantResponse":"` + "```json\\n{\\\"chat\\\": 0.0, \\\"do\\\": 1.0, \\\"spec\\\": 0.0}\\n```" + `","codeReferenceEvents":[],"requestId":"64d13ea7-0000-4000-8000-000000000002"}}`},
	{"completion", `{"generateCompletionsEventRequest":{"leftContext":"package main\r\n\r\nfunc add(a, b int) int {\r\n\t","rightContext":"\r\n}","fileName":"add.go","customizationArn":null,"userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2025-01-06T15:09:16.412719Z"},"generateCompletionsEventResponse":{"completions":["return a + b"],"requestId":"797c70ee-0000-4000-8000-000000000001"}}`},
	{"task", `{"startTaskAssistCodeGenerationEventRequest":{"prompt":"add a retry to the uploader","chatTriggerType":"MANUAL","conversationId":"da1c95b6-0000-4000-8000-000000000001","customizationArn":null,"userId":"d-1234567890.0f0e0d0c-1111-4222-8333-444455556666","timeStamp":"2025-01-13T15:40:27.808027101Z"},"startTaskAssistCodeGenerationEventResponse":{"requestId":"e504f126-0000-4000-8000-000000000001"}}`},
	{"task with an answer all the same", `{"startTaskAssistCodeGenerationEventRequest":{"prompt":"p"},"startTaskAssistCodeGenerationEventResponse":{"requestId":"r","assistantResponse":"not in the guide's example"}}`},
	{"spaces everywhere", " {\n\t\"generateAssistantResponseEventRequest\" : { \"prompt\" : \"p\" , \"modelId\" : null } ,\r\n \"generateAssistantResponseEventResponse\" : { \"supplementaryWebLinksEvent\" : [ ] , \"followupPrompts\" : [ \"a\" , \"b\" ] } }\n"},
	{"halves that are null", `{"generateAssistantResponseEventRequest":null,"generateAssistantResponseEventResponse":null}`},
	{"halves that are empty", `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{}}`},
	{"no response", `{"startTaskAssistCodeGenerationEventRequest":{"prompt":"p"}}`},
	{"everything null", `{"generateAssistantResponseEventRequest":{"prompt":null,"chatTriggerType":null,"customizationArn":null,"userId":null,"timeStamp":null,"modelId":null},"generateAssistantResponseEventResponse":{"assistantResponse":null,"followupPrompts":null,"messageMetadata":null,"codeReferenceEvents":null,"supplementaryWebLinksEvent":null,"requestId":null}}`},
	{"everything empty", `{"generateAssistantResponseEventRequest":{"prompt":"","chatTriggerType":"","customizationArn":"","userId":"","modelId":""},"generateAssistantResponseEventResponse":{"assistantResponse":"","followupPrompts":"","messageMetadata":{},"codeReferenceEvents":{},"supplementaryWebLinksEvent":[],"requestId":""}}`},
	{"follow-up prompts in arrays", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":["one",null,{"content":"two","kind":2}]}}`},
	{"one follow-up prompt in an array", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":["one"]}}`},
	{"no follow-up prompt in an array", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":[]}}`},
	{"an empty follow-up prompt in an array", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":[""]}}`},
	{"completions in objects", `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[{"content":"a","score":1e400},{"content":null},{},null,"b"]}}`},
	{"web links with gaps", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[null,{},{"uri":null,"url":"u"},{"title":""}]}}`},
	{"code references", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"codeReferenceEvents":[{"references":[{"licenseName":"MIT","recommendationContentSpan":{"start":1,"end":2.50}}]}, "x", null]}}`},
	{"unknown keys at every level", `{"a":1,"generateAssistantResponseEventRequest":{"b":[1, 2],"prompt":"p","Prompt":"q"},"generateAssistantResponseEventResponse":{"c":null,"messageMetadata":{"d":"e","conversationId":null},"supplementaryWebLinksEvent":[{"f":{},"uri":"u"}]},"generateCompletionsEventRequest":{"x":true},"":0,"\u0000\"\\\n":-0.0}`},
	{"keys with escapes", `{"generateAssistantResponseEvent\u0052equest":{"pr\u006fmpt":"p","tim\u0065Stamp":"2026-07-27T23:03:29Z"}}`},
	{"duplicate keys", `{"generateAssistantResponseEventRequest":{"prompt":"first","x":1,"timeStamp":"2026-07-27T23:03:29.500Z"},"y":1,"generateAssistantResponseEventRequest":{"prompt":"a","prompt":null,"timeStamp":"2026-07-27T23:03:29.500Z","timeStamp":"2026-07-27T23:03:29Z","x":1,"x":2},"y":2}`},
	{"times in other forms", `{"generateAssistantResponseEventRequest":{"timeStamp":"2026-07-27T23:03:29.027400900+05:30"}}`},
	{"a time of more digits than nine", `{"generateCompletionsEventRequest":{"timeStamp":"2026-07-27T23:03:29.0274009291234Z"}}`},
	{"a time with an escape", `{"generateCompletionsEventRequest":{"timeStamp":"2026-07-27T23:03:29\u005a"}}`},
	{"the first time there is", `{"generateCompletionsEventRequest":{"timeStamp":"0001-01-01T00:00:00Z"}}`},
	{"drift: a time that leaves its year", `{"generateCompletionsEventRequest":{"timeStamp":"0000-01-01T00:00:00+23:59"}}`},
	{"strings that are no text", `{"generateAssistantResponseEventRequest":{"prompt":"\ud800 \udc00\ud83d\ude00 ` + "\xff\xfe \xc3 \u2028 \x7f" + `","userId":"\/"},"` + "\xff" + `":"` + "\xff" + `"}`},
	{"unknown kind", `{"reviewCodeEventRequest":{"prompt":"p"},"reviewCodeEventResponse":{}}`},
	{"unknown kind with ids", `{"reviewCodeEventRequest":{"userId":"u","timeStamp":"2026-07-27t23:03:29z"},"reviewCodeEventResponse":{"requestId":"r"}}`},
	{"drifted strings", `{"generateAssistantResponseEventRequest":{"prompt":["p"],"chatTriggerType":1,"customizationArn":{},"userId":{"id":"u"},"modelId":false},"generateAssistantResponseEventResponse":{"assistantResponse":-0.10e+2,"requestId":[null]}}`},
	{"drifted times", `{"startTaskAssistCodeGenerationEventRequest":{"timeStamp":1785193409.5},"generateCompletionsEventRequest":{"timeStamp":"x"}}`},
	{"a drifted time in words", `{"generateCompletionsEventRequest":{"timeStamp":"two hours ago","x":1,"fileName":"a.go"}}`},
	{"drifted lists", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":["a",[1]],"supplementaryWebLinksEvent":[{"uri":"u"},7],"messageMetadata":""}}`},
	{"drifted parts", `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[{"uri":1,"title":"t"},null,{"snippet":[]}],"messageMetadata":{"conversationId":{"a":[1, 2]},"utteranceId":0,"x":1}}}`},
	{"duplicates that drift", `{"generateCompletionsEventRequest":{"fileName":"a","fileName":1,"timeStamp":1,"timeStamp":"2026-07-27T23:03:29.10Z"},"generateCompletionsEventResponse":{"completions":[1],"completions":null}}`},
	{"legal times that are rare", `{"generateCompletionsEventRequest":{"timeStamp":"2016-12-31 23:59:60.5-00:00"}}`},
	{"drift: a leap second that leaves its year", `{"generateCompletionsEventRequest":{"timeStamp":"9999-12-31t23:59:60z"}}`},
	{"response half alone", `{"generateAssistantResponseEventResponse":{"requestId":7}}`},
	{"nothing", `{}`},
}

// refused are records that do not decode.
var refused = []struct{ name, in string }{
	{"no data", ``}, {"spaces", ` `}, {"null", `null`}, {"number", `1`}, {"array", `[{}]`},
	{"open object", `{`}, {"open key", `{"a`}, {"no colon", `{"a"1}`}, {"comma at the end", `{"a":1,}`},
	{"two values", `{} {}`}, {"mismatch", `{"a":[}]}`}, {"bad literal", `{"a":nul}`}, {"bad number", `{"a":01}`},
	{"control character in a key", "{\"a\n\":1}"}, {"bad escape", `{"a":"\x"}`},
	{"a half that is a string", `{"generateAssistantResponseEventRequest":"p"}`},
	{"a half that is a list", `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":[]}`},
	{"a half that is a number", `{"startTaskAssistCodeGenerationEventRequest":1}`},
	{"bad literal in a drifted value", `{"generateAssistantResponseEventRequest":{"prompt":[nul]}}`},
	{"bad number in a drifted value", `{"generateAssistantResponseEventRequest":{"timeStamp":01}}`},
}
