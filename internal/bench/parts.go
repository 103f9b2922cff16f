package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
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

// listedFile is a file with what a listing has to say of it, for its body to be read in one
// piece into memory that there is.
type listedFile struct {
	name string
	size int64
}

// parts is what one goroutine works with.
type parts struct {
	handWork
	file, text []byte // room
}

func newParts() *parts { return &parts{handWork: *newHandWork()} }

func (p *parts) work() *handWork { return &p.handWork }

// load reads a file into p.file, with as few system calls as package os allows.
func (p *parts) load(file listedFile) error {
	f, err := os.OpenFile(file.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	size := int(file.size)
	if cap(p.file) <= size {
		p.file = make([]byte, 2*size+1)
	}
	n, err := f.Read(p.file[:size+1]) // less than it has room for: the end
	if err == nil && n != size {
		err = fmt.Errorf("%s: %d bytes, want %d", file.name, n, size)
	}
	p.file = p.file[:n]
	p.objects++
	p.stored += int64(n)
	return err
}

// inflate reads a file and decompresses it.
func (p *parts) inflate(file listedFile) ([]byte, error) {
	if err := p.load(file); err != nil {
		return nil, err
	}
	data, err := inflating.Inflate(p.text, p.file, 1<<30, func(int) error { return nil })
	p.text = data[:0]
	p.decompressed += int64(len(data))
	return data, err
}

// decodeAs has go-json decode a file.
func decodeAs[T any](p *parts, file listedFile) (doc T, err error) {
	data, err := p.inflate(file)
	if err == nil {
		err = gojson.Unmarshal(data, &doc)
	}
	return doc, err
}

func (p *parts) decode(file listedFile) error {
	doc, err := decodeAs[partsDocument](p, file)
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
	return err
}

// decodeNeeded decodes what the hand-written loops do.
func (p *parts) decodeNeeded(file listedFile) error {
	doc, err := decodeAs[handDocument](p, file)
	p.count(doc.Records)
	return err
}

// filesAlone reads a directory and throws it away.
func filesAlone(ctx context.Context, j job) (outcome, error) {
	return partsLoop(ctx, j, (*parts).load)
}

// partsAlone reads it, decompresses it and decodes it.
func partsAlone(ctx context.Context, j job) (outcome, error) {
	return partsLoop(ctx, j, (*parts).decode)
}

// partsNeeded decodes no more of it than what is counted.
func partsNeeded(ctx context.Context, j job) (outcome, error) {
	return partsLoop(ctx, j, (*parts).decodeNeeded)
}

func partsLoop(ctx context.Context, j job, read func(*parts, listedFile) error) (outcome, error) {
	return handLoop(ctx, j, newParts, func(found func(listedFile) error) error {
		return walkFiles(j.Root, func(name string, d fs.DirEntry) error {
			info, err := d.Info()
			if err != nil {
				return err
			}
			return found(listedFile{name, info.Size()})
		})
	}, read)
}
