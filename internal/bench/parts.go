package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"

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

// load reads a file into p.file, with as few system calls as package os allows.
func (p *parts) load(name string) error {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
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
	n, err := f.Read(p.file[:size+1]) // less than it has room for: the end
	if err == nil && n != size {
		err = fmt.Errorf("%s: %d bytes, want %d", name, n, size)
	}
	p.file = p.file[:n]
	p.objects++
	p.stored += int64(n)
	return err
}

// inflate reads a file and decompresses it.
func (p *parts) inflate(name string) ([]byte, error) {
	if err := p.load(name); err != nil {
		return nil, err
	}
	data, err := inflating.Inflate(p.text, p.file, 1<<30, func(int) error { return nil })
	p.text = data[:0]
	p.decompressed += int64(len(data))
	return data, err
}

func (p *parts) decode(name string) error {
	data, err := p.inflate(name)
	if err != nil {
		return err
	}
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

// decodeNeeded decodes what the hand-written loops do.
func (p *parts) decodeNeeded(name string) error {
	data, err := p.inflate(name)
	if err != nil {
		return err
	}
	var doc handDocument
	if err := gojson.Unmarshal(data, &doc); err != nil {
		return err
	}
	p.count(doc.Records)
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

// partsNeeded decodes no more of it than what is counted.
func partsNeeded(ctx context.Context, j job) (outcome, error) {
	return handFiles(ctx, j, newParts, (*parts).decodeNeeded)
}
