package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// bigRecords is how many objects' records the big one repeats: too many bytes for
// gzip to see that they do.
const bigRecords = 5000

// bigObject writes one document of about n bytes, of the mixed objects' records.
func (w *dataWriter) bigObject(n int64) error {
	type piece struct {
		json []byte
		user string
		size int
	}
	var pieces []piece
	for o := range qlogstest.Generate(mixedConfig(bigRecords)) {
		raw, err := records(o.Body)
		if err != nil {
			return err
		}
		for i, r := range o.Records {
			pieces = append(pieces, piece{raw[i], string(r.UserID), r.PromptBytes})
		}
	}
	return w.file(testPartition().NewKey(firstMinute(), "0123456789abcdef").String(), func(f io.Writer) error {
		zw := gzip.NewWriter(f)
		written := int64(0)
		for i := 0; written < n; i++ {
			p := pieces[i%len(pieces)]
			open := ","
			if i == 0 {
				open = `{"records":[`
			}
			if _, err := io.WriteString(zw, open); err != nil {
				return err
			}
			if _, err := zw.Write(p.json); err != nil {
				return err
			}
			written += int64(1 + len(p.json))
			w.tally.add(p.user, p.size)
		}
		if _, err := io.WriteString(zw, "]}"); err != nil {
			return err
		}
		return zw.Close()
	})
}

// records cuts an object into the JSON of its records.
func records(body []byte) ([]json.RawMessage, error) {
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var doc struct {
		Records []json.RawMessage `json:"records"`
	}
	return doc.Records, json.NewDecoder(zr).Decode(&doc)
}

func testPartition() path.Partition {
	return path.Partition{Prefix: "prompt-logs", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
}

func firstMinute() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) }

// largeText is how long the prompts of the large objects are.
const largeText = 100 << 10

// largeObjects writes chats whose prompts are put together from those of the mixed ones.
func (w *dataWriter) largeObjects(n int) error {
	var text strings.Builder
	for o := range qlogstest.Generate(qlogstest.Config{Seed: seed + 2, Objects: 1 << 30, MaxText: 8 << 10}) {
		raw, err := records(o.Body)
		if err != nil {
			return err
		}
		for _, r := range raw {
			var d struct {
				Chat       struct{ Prompt string }      `json:"generateAssistantResponseEventRequest"`
				Completion struct{ LeftContext string } `json:"generateCompletionsEventRequest"`
			}
			if err := json.Unmarshal(r, &d); err != nil {
				return err
			}
			text.WriteString(d.Chat.Prompt)
			text.WriteString(d.Completion.LeftContext)
		}
		if text.Len() < largeText {
			continue
		}
		if err := w.largeObject(int(w.Objects), strings.ToValidUTF8(text.String()[:largeText], "")); err != nil {
			return err
		}
		text.Reset()
		if int(w.Objects) == n {
			return nil
		}
	}
	return nil
}

func (w *dataWriter) largeObject(i int, prompt string) error {
	at := firstMinute().Add(time.Duration(i) * time.Second)
	user := fmt.Sprintf("d-1234567890.00000000-0000-4000-8000-%012d", i%users)
	w.tally.add(user, len(prompt))
	type object = map[string]any
	text, err := json.Marshal(object{"records": []any{object{
		"generateAssistantResponseEventRequest": object{
			"prompt": prompt, "chatTriggerType": "MANUAL", "userId": user, "timeStamp": at.Format("2006-01-02T15:04:05.000000000Z"), "modelId": "auto",
		},
		"generateAssistantResponseEventResponse": object{
			"assistantResponse": "", "codeReferenceEvents": []any{}, "requestId": fmt.Sprintf("00000000-0000-4000-9000-%012d", i),
		},
	}}})
	if err != nil {
		return err
	}
	return w.file(testPartition().NewKey(at, fmt.Sprintf("%016d", i)).String(), func(f io.Writer) error {
		zw := gzip.NewWriter(f)
		if _, err := zw.Write(text); err != nil {
			return err
		}
		return zw.Close()
	})
}
