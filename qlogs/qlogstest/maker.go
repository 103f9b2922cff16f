package qlogstest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A maker makes up records.
type maker struct {
	texts
	users []record.UserID
}

func newMaker(seed uint64, users, maxText int) maker {
	m := maker{texts: texts{newDice(seed), maxText}}
	directory := "d-" + m.pickBytes(idAlphabet, 10)
	for range users {
		user := m.uuid()
		if m.chance(0.1) {
			user = m.pickBytes(hexAlphabet, 10) + "-" + user // the form of old directories
		}
		m.users = append(m.users, record.UserID(directory+"."+user))
	}
	return m
}

// user prefers the first users: half of the records belong to a quarter of them.
func (m maker) user() record.UserID {
	r := m.rng.Float64()
	return m.users[int(r*r*float64(len(m.users)))]
}

// A draft is a record that is not encoded yet: a *Chat, *Completion, *Task or *Unknown,
// or what is damaged.
type draft struct {
	made json.Marshaler
	want Record
}

// record makes one record of the partition's log type.
func (m maker) record(p path.Partition, at time.Time) draft {
	d := draft{want: Record{LogType: string(p.LogType), RequestID: m.uuid(), UserID: m.user(), Time: at}}
	switch p.LogType {
	case path.GenerateAssistantResponse:
		d.made = m.chat(p, &d.want)
	case path.GenerateCompletions:
		d.made = m.completion(p, &d.want)
	case path.StartTaskAssistCodeGeneration:
		d.made = m.task(p, &d.want)
	default:
		d.made = m.unknown(p.LogType, &d.want)
	}
	return d
}

func (m maker) chat(p path.Partition, want *Record) *Chat {
	if p.Product == path.KiroLogs {
		return m.kiroChat(want)
	}
	prompt := m.question()
	want.PromptBytes = len(prompt)
	links := []string{}
	for range pick(m.dice, []int{0, 0, 1, 3}) {
		links = append(links, fmt.Sprintf(`{"uri":"https://docs.example.com/%s/%s","title":%s,"snippet":%s}`,
			m.word(), m.word(), appendQuoted(nil, m.sentence()), appendQuoted(nil, m.prose(120))))
	}
	followups := Empty
	if m.chance(0.5) {
		followups = Text(m.questionLine() + m.questionLine())
	}
	conversation := "null"
	if m.chance(0.7) {
		conversation = strconv.Quote(m.uuid())
	}
	c := &Chat{
		Prompt: Text(prompt), UserID: Value(want.UserID), TimeStamp: Time(want.Time), ModelID: Absent,
		FollowupPrompts:       followups,
		MessageMetadata:       JSON(`{"conversationId":` + conversation + `,"utteranceId":null}`),
		SupplementaryWebLinks: JSON("[" + strings.Join(links, ",") + "]"),
		RequestID:             Value(want.RequestID),
	}
	if m.chance(0.1) {
		c.ChatTriggerType = "INLINE_CHAT"
	}
	c.CustomizationARN = m.customization(p)
	c.AssistantResponse = Text(m.answer())
	return c
}

// kiroChat leaves out keys as Kiro does.
func (m maker) kiroChat(want *Record) *Chat {
	prompt, answer, model := m.kiroTurn()
	want.PromptBytes = len(prompt)
	c := &Chat{
		Prompt: Text(prompt), UserID: Value(want.UserID), TimeStamp: Time(want.Time), ModelID: Absent,
		AssistantResponse: Text(answer), RequestID: Value(want.RequestID),
	}
	if m.chance(0.93) {
		c.ModelID, want.ModelID = Value(model), model
	} else {
		c.FollowupPrompts = Text(m.questionLine())
	}
	switch r := m.rng.IntN(20); {
	case r == 0:
		c.MessageMetadata = Null
	case r < 5:
		c.MessageMetadata = JSON(`{"conversationId":null,"utteranceId":null}`)
	}
	if !m.chance(0.85) {
		c.CodeReferenceEvents = Absent
	}
	switch r := m.rng.IntN(10); {
	case r == 0:
		c.SupplementaryWebLinks = Null
	case r < 4:
		c.SupplementaryWebLinks = JSON("[]")
	}
	return c
}

// completion makes a record of a suggestion inside an editor. Many hold no completions.
func (m maker) completion(p path.Partition, want *Record) *Completion {
	eol := "\n"
	if m.chance(0.25) {
		eol = "\r\n"
	}
	left, right := m.code(m.size(2500, 0.9), eol), ""
	if m.chance(0.7) {
		right = m.code(m.size(200, 1.2), eol)
	}
	want.ContextBytes = len(left) + len(right)
	completions := []string{}
	for range pick(m.dice, []int{0, 0, 0, 1, 1, 1, 1, 1, 2, 3}) {
		completions = append(completions, string(appendQuoted(nil, m.code(m.size(90, 1), eol))))
	}
	c := &Completion{
		LeftContext: Text(left), RightContext: Text(right), FileName: Value(m.fileName()),
		UserID: Value(want.UserID), TimeStamp: Time(want.Time), RequestID: Value(want.RequestID),
		Completions: JSON("[" + strings.Join(completions, ",") + "]"),
	}
	if arn := m.customization(p); arn != Null || p.Product != path.KiroLogs {
		c.CustomizationARN = arn
	}
	return c
}

// task makes a record of a /dev command, whose response is not logged.
func (m maker) task(p path.Partition, want *Record) *Task {
	prompt := m.question()
	want.PromptBytes = len(prompt)
	return &Task{
		Prompt: Text(prompt), ConversationID: Value(m.uuid()), CustomizationARN: m.customization(p),
		UserID: Value(want.UserID), TimeStamp: Time(want.Time), RequestID: Value(want.RequestID),
	}
}

// unknown makes a record of a kind that nobody knows yet.
func (m maker) unknown(t path.LogType, want *Record) *Unknown {
	return &Unknown{
		LogType: t, UserID: Value(want.UserID), TimeStamp: Time(want.Time), RequestID: Value(want.RequestID),
		RequestMore: Fields{"input": Text(m.question()), "attempt": JSON(strconv.Itoa(m.rng.IntN(5)))},
	}
}

func (m maker) customization(p path.Partition) Value {
	if m.chance(0.95) {
		return Null
	}
	return Value(fmt.Sprintf("arn:aws:codewhisperer:%s:%s:customization/EXAMPLE%05d", p.Region, p.Account, m.rng.IntN(100_000)))
}
