package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	gojson "github.com/goccy/go-json"

	inflating "github.com/promptlogs/qlogs/internal/gunzip"
)

// The parts of a scan of a directory, put together by hand with nothing around them: what
// there would be to reach without order, limits, positions, checks for change and for time,
// errors of single records, or keys that the log may have and Go does not know.

// partsDocument is a whole log, as go-json decodes it in one call.
type partsDocument struct {
	Records []partsRecord `json:"records"`
}

type partsRecord struct {
	Chat *struct {
		partsRequest
		ModelID string `json:"modelId"`
	} `json:"generateAssistantResponseEventRequest"`
	ChatResponse *struct {
		AssistantResponse     string          `json:"assistantResponse"`
		FollowupPrompts       string          `json:"followupPrompts"`
		MessageMetadata       *partsMetadata  `json:"messageMetadata"`
		CodeReferenceEvents   json.RawMessage `json:"codeReferenceEvents"`
		SupplementaryWebLinks []partsWebLink  `json:"supplementaryWebLinksEvent"`
		RequestID             string          `json:"requestId"`
	} `json:"generateAssistantResponseEventResponse"`
	Completion *struct {
		LeftContext      string `json:"leftContext"`
		RightContext     string `json:"rightContext"`
		FileName         string `json:"fileName"`
		CustomizationARN string `json:"customizationArn"`
		UserID           string `json:"userId"`
		TimeStamp        string `json:"timeStamp"`
	} `json:"generateCompletionsEventRequest"`
	CompletionResponse *struct {
		Completions []string `json:"completions"`
		RequestID   string   `json:"requestId"`
	} `json:"generateCompletionsEventResponse"`
	Task         *partsRequest `json:"startTaskAssistCodeGenerationEventRequest"`
	TaskResponse *struct {
		RequestID string `json:"requestId"`
	} `json:"startTaskAssistCodeGenerationEventResponse"`
}

type partsRequest struct {
	Prompt           string `json:"prompt"`
	ChatTriggerType  string `json:"chatTriggerType"`
	ConversationID   string `json:"conversationId"`
	CustomizationARN string `json:"customizationArn"`
	UserID           string `json:"userId"`
	TimeStamp        string `json:"timeStamp"`
}

type partsMetadata struct {
	ConversationID string `json:"conversationId"`
	UtteranceID    string `json:"utteranceId"`
}

type partsWebLink struct {
	URI     string `json:"uri"`
	Title   string `json:"title"`
	Snippet string `json:"snippet"`
}

// parts is what one goroutine works with.
type parts struct {
	handWork
	file, text []byte // room
}

func newParts() *parts { return &parts{handWork: *newHandWork()} }

func (p *parts) work() *handWork { return &p.handWork }

// load reads a file into p.file.
func (p *parts) load(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := int(info.Size())
	if cap(p.file) <= size {
		p.file = make([]byte, 2*size+1)
	}
	n, err := io.ReadFull(f, p.file[:size+1])
	if err != io.ErrUnexpectedEOF { // the end has to be met
		return fmt.Errorf("%s: more than its %d bytes, or none: %w", name, size, err)
	}
	p.file = p.file[:n]
	p.objects++
	p.stored += int64(n)
	return nil
}

func (p *parts) decode(name string) error {
	if err := p.load(name); err != nil {
		return err
	}
	data, err := inflating.Inflate(p.text, p.file, 1<<30, func(int) error { return nil })
	if err != nil {
		return err
	}
	p.text = data[:0]
	p.decompressed += int64(len(data))
	var doc partsDocument
	if err := gojson.Unmarshal(data, &doc); err != nil {
		return err
	}
	for _, r := range doc.Records {
		switch {
		case r.Chat != nil:
			p.tally.add(r.Chat.UserID, len(r.Chat.Prompt))
		case r.Completion != nil:
			p.tally.add(r.Completion.UserID, 0)
		case r.Task != nil:
			p.tally.add(r.Task.UserID, len(r.Task.Prompt))
		}
	}
	return nil
}

// filesAlone reads a directory and throws it away.
func filesAlone(ctx context.Context, j job) (outcome, error) {
	return handFiles(ctx, j, newParts, (*parts).load)
}

// partsAlone reads it, decompresses it and decodes it.
func partsAlone(ctx context.Context, j job) (outcome, error) {
	return handFiles(ctx, j, newParts, (*parts).decode)
}
