package resume

// The text form of a State is "qlogs1:" and base64 of
//
//	length of the JSON (uvarint) | JSON | objects | CRC-32 of all before
//
// The objects are those of the JSON's partitions in bytewise order, each with its hours
// in order. An object is its fingerprint and its version, in 20 bytes.

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// textPrefix starts the text form and names its version.
const textPrefix = "qlogs1:"

var errDamaged = errors.New("qlogs: read cursor: the text is damaged")

type stateText struct {
	Scope   Scope                 `json:"scope"`
	At      map[string]*reachText `json:"at,omitempty"`
	Pending []pendingText         `json:"pending,omitempty"`
}

type reachText struct {
	Floor *hour        `json:"f,omitempty"`
	Seen  []seenText   `json:"s,omitempty"`
	Open  []openObject `json:"o,omitempty"`
}

type seenText struct {
	Hour  hour `json:"h"`
	Count int  `json:"n"`
}

type pendingText struct {
	Key          string    `json:"k"`
	Size         int64     `json:"s,omitempty"`
	ETag         string    `json:"e,omitempty"`
	VersionID    string    `json:"v,omitempty"`
	StorageClass string    `json:"c,omitempty"`
	LastModified time.Time `json:"m,omitzero"`
	Portion
	Tries int `json:"t,omitempty"`
}

// MarshalText returns the text form, which [Parse] of this and later versions reads. It is
// printable ASCII without spaces, and grows with the number of partitions, of objects within
// the lookback (27 bytes each) and of pending objects. A source without an ID has no text.
func (s *State) MarshalText() ([]byte, error) {
	if s.scope.Source == "" {
		return nil, errors.New("qlogs: write cursor: the source has no ID, so another source could not refuse the cursor: give the source an ID, such as the id of source.FS")
	}
	text := stateText{Scope: *s.scope, At: map[string]*reachText{}}
	var objects []byte
	for part, r := range s.all().all() {
		if !r.empty() {
			text.At[part], objects = r.appendText(objects)
		}
	}
	for _, o := range s.pending.all() {
		text.Pending = append(text.Pending, pendingText{
			Key: o.Key, Size: o.Size, ETag: o.ETag, VersionID: o.VersionID,
			StorageClass: o.StorageClass, LastModified: o.LastModified, Portion: o.Portion, Tries: o.Tries,
		})
	}
	head, err := json.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("qlogs: write cursor: %w", err)
	}
	data := binary.AppendUvarint(make([]byte, 0, len(head)+len(objects)+2*crc32.Size), uint64(len(head)))
	data = append(append(data, head...), objects...)
	data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data))
	return base64.RawURLEncoding.AppendEncode([]byte(textPrefix), data), nil
}

func (r *Reach) empty() bool {
	return r.floor == noFloor && len(r.seen) == 0 && len(r.open) == 0
}

func (r *Reach) appendText(objects []byte) (*reachText, []byte) {
	text := &reachText{Open: r.open}
	if r.floor != noFloor {
		text.Floor = &r.floor
	}
	for _, s := range r.seen {
		latest := s.latest()
		text.Seen = append(text.Seen, seenText{Hour: s.hour, Count: len(latest)})
		for _, o := range latest {
			objects = append(objects, o.print[:]...)
			objects = binary.BigEndian.AppendUint32(objects, o.size)
			objects = binary.BigEndian.AppendUint32(objects, o.tag)
		}
	}
	return text, objects
}

// Parse returns the State that a text stands for. A text that is damaged or of a newer
// version is an error: it has a checksum, since a wrong position would lose records silently.
func Parse(text []byte) (*State, error) {
	body, ok := strings.CutPrefix(string(text), textPrefix)
	if !ok {
		return nil, fmt.Errorf("qlogs: read cursor: the text does not start with %q: it is not a cursor, or it is of a newer version", textPrefix)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	n := len(data) - crc32.Size
	if n < 0 || binary.BigEndian.Uint32(data[n:]) != crc32.ChecksumIEEE(data[:n]) {
		return nil, fmt.Errorf("%w: the checksum does not match", errDamaged)
	}
	return parse(data[:n])
}

func parse(data []byte) (*State, error) {
	size, n := binary.Uvarint(data)
	if n <= 0 || size > uint64(len(data)-n) {
		return nil, fmt.Errorf("%w: its length is out of range", errDamaged)
	}
	head, objects := data[n:n+int(size)], data[n+int(size):]
	var text stateText
	if err := json.Unmarshal(head, &text); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	state := newState(text.Scope)
	for _, part := range slices.Sorted(maps.Keys(text.At)) {
		var r *Reach
		if r, objects = text.At[part].reach(objects); r == nil {
			return nil, fmt.Errorf("%w: a position is out of range", errDamaged)
		}
		state = state.with(part, r)
	}
	if len(objects) != 0 {
		return nil, fmt.Errorf("%w: it is longer than it says", errDamaged)
	}
	if len(text.Pending) > MaxPending {
		return nil, fmt.Errorf("%w: more than %d pending objects", errDamaged, MaxPending)
	}
	for i, p := range text.Pending {
		if p.Done < 0 || p.Tries < 0 || p.Size < 0 || p.Key == "" {
			return nil, fmt.Errorf("%w: a pending object is out of range", errDamaged)
		}
		state = state.pend(i, pendingObject{
			Object:  source.Object{Key: p.Key, Size: p.Size, ETag: p.ETag, VersionID: p.VersionID, StorageClass: p.StorageClass, LastModified: p.LastModified},
			Portion: p.Portion,
			Tries:   p.Tries,
		})
	}
	return state, nil
}

// reach takes its objects from the front of data and returns the rest. It
// returns nil if something is out of range.
func (t *reachText) reach(data []byte) (*Reach, []byte) {
	if t == nil {
		return nil, nil
	}
	r := newReach()
	if t.Floor != nil {
		r.floor = *t.Floor
		if r.floor < -maxHour || r.floor > maxHour {
			return nil, nil
		}
	}
	const print, width = len(fingerprint{}), len(fingerprint{}) + 8
	for i, s := range t.Seen {
		if s.Count < 1 || s.Count > len(data)/width || s.Hour < r.floor || s.Hour > maxHour || i > 0 && s.Hour <= t.Seen[i-1].Hour {
			return nil, nil
		}
		list := make([]seenObject, s.Count)
		for k := range list {
			o := data[k*width:]
			list[k].print = fingerprint(o)
			list[k].size, list[k].tag = binary.BigEndian.Uint32(o[print:]), binary.BigEndian.Uint32(o[print+4:])
		}
		r.seen = append(r.seen, seenHour{hour: s.Hour, objects: list})
		data = data[s.Count*width:]
	}
	for _, o := range t.Open {
		if o.Done < 0 || o.Portion == (Portion{}) || o.Key == "" || o.Hour < r.floor {
			return nil, nil
		}
	}
	r.open = t.Open
	return r, data
}
