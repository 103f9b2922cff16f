package record

import (
	"bytes"
	"time"
)

// unknownIDs is what an unknown record says about itself, if it does so as the known kinds
// do.
type unknownIDs struct {
	time      time.Time
	userID    UserID
	requestID string
}

// These are the members that have the ids of a record.
const (
	idTime = iota
	idUser
	idRequest
)

var idNames = [...]string{idTime: "timeStamp", idUser: "userId", idRequest: "requestId"}

// These are the places where they may be.
const (
	inRequest = iota
	inResponse
	inRecord
)

// maxID is longer than any id.
const maxID = 1024

// idValues are strings as they are in the record, nil if there is none.
type idValues [len(idNames)][]byte

// An idPlace is what the halves of one sort have. Of several halves the last one that has a
// value counts.
type idPlace struct {
	values idValues
	halves [len(idNames)]string // the key of the half that has the value
}

// add adds what another half has. That half may be a duplicate of an earlier one.
func (p *idPlace) add(half []byte, values idValues) {
	for i, value := range values {
		switch {
		case value != nil:
			p.values[i], p.halves[i] = value, string(half)
		case p.values[i] != nil && p.halves[i] == string(half):
			p.values[i] = nil
		}
	}
}

// ids finds the ids of the record that starts here.
func (s *scanner) ids() (ids unknownIDs, err error) {
	var places [3]idPlace
	err = s.eachMember(s.key, func(key []byte) error {
		if s.long != "" {
			key = []byte(s.long)
		}
		switch {
		case bytes.HasSuffix(key, []byte("EventRequest")):
			return s.halfIDs(&places[inRequest], key)
		case bytes.HasSuffix(key, []byte("EventResponse")):
			return s.halfIDs(&places[inResponse], key)
		}
		return s.idMember(key, &places[inRecord].values)
	})
	if err != nil {
		return ids, err
	}
	for _, at := range [...]int{inRequest, inResponse, inRecord} {
		if raw := places[at].values[idTime]; raw != nil && ids.time.IsZero() {
			ids.time, _ = s.timeOf(raw) // never an error: idMember has read it
		}
	}
	user, err := s.firstID(idUser, &places[inRequest], &places[inResponse], &places[inRecord])
	if err != nil {
		return unknownIDs{}, err
	}
	ids.userID = UserID(user)
	ids.requestID, err = s.firstID(idRequest, &places[inResponse], &places[inRequest], &places[inRecord])
	return ids, err
}

// halfIDs finds the ids in the value that starts here, if it is an object.
func (s *scanner) halfIDs(p *idPlace, half []byte) error {
	var values idValues
	var err error
	if s.peek() == '{' {
		err = s.eachMember(s.idKey, func(key []byte) error { return s.idMember(key, &values) })
	} else {
		_, err = s.skip()
	}
	p.add(half, values)
	return err
}

// idKey reads a key and its colon. It returns nil if the key is longer than those of ids.
func (s *scanner) idKey() ([]byte, error) {
	start := s.pos
	raw, err := s.quoted()
	if err != nil {
		return nil, ErrSyntax
	}
	if len(raw) <= plainMax {
		s.pos = start
		return s.key()
	}
	if s.peek() != ':' {
		return nil, ErrSyntax
	}
	s.pos++
	s.peek()
	return nil, nil
}

// idMember keeps the value that starts here if its key is that of an id. It replaces the
// value of an earlier duplicate. A value that is no string, or no time, counts as missing.
func (s *scanner) idMember(key []byte, values *idValues) error {
	raw, err := s.skip()
	if err != nil {
		return err
	}
	for i, name := range idNames {
		if string(key) != name {
			continue
		}
		values[i] = nil
		if len(raw) <= len(`""`) || len(raw) > maxID || raw[0] != '"' {
			break
		}
		if i == idTime {
			if _, err := s.timeOf(raw); err != nil {
				break
			}
		}
		values[i] = raw
	}
	return nil
}

// firstID decodes the first id that there is.
func (s *scanner) firstID(id int, places ...*idPlace) (string, error) {
	for _, p := range places {
		if raw := p.values[id]; raw != nil {
			return s.textOf(raw)
		}
	}
	return "", nil
}
