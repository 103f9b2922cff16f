package record

import "sync"

var scanners = sync.Pool{New: func() any { return newScanner(nil, maxDepth) }}

// Unmarshal decodes one record. Its keys decide which kind it is: the first of the
// known request keys that it has, in the order chat, completions, /dev. The result
// does not refer to data. Arrays and objects may nest 10,000 deep, as in
// encoding/json.
//
// A field that has drifted is no error, see [Drifted]. Any error is an [*Error] whose
// Offset is that of the record within data, and whose Err is [ErrSyntax], [ErrType]
// or [ErrTooDeep].
func Unmarshal(data []byte) (Record, error) {
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	s.data, s.pos = data, 0
	s.peek()
	start := s.pos
	r, err := s.record(data)
	s.data, s.long = nil, ""
	s.border.release()
	if err != nil {
		return nil, asError(err, 0, int64(start))
	}
	return r, nil
}

// UnmarshalJSON does what [Unmarshal] does. A record of another kind is [ErrType]. Null
// changes nothing.
func (r *GenerateAssistantResponse) UnmarshalJSON(data []byte) error { return unmarshalRecord(r, data) }

// UnmarshalJSON does what [Unmarshal] does. A record of another kind is [ErrType]. Null
// changes nothing.
func (r *GenerateCompletions) UnmarshalJSON(data []byte) error { return unmarshalRecord(r, data) }

// UnmarshalJSON does what [Unmarshal] does. A record of another kind is [ErrType]. Null
// changes nothing.
func (r *StartTaskAssistCodeGeneration) UnmarshalJSON(data []byte) error {
	return unmarshalRecord(r, data)
}

// UnmarshalJSON does what [Unmarshal] does. A record of a known kind is [ErrType]. Null
// changes nothing.
func (u *Unknown) UnmarshalJSON(data []byte) error { return unmarshalRecord(u, data) }

// unmarshalRecord is the UnmarshalJSON of records.
func unmarshalRecord[T any, P interface {
	*T
	Record
}](p P, data []byte) error {
	if s := newScanner(data, maxDepth); s.null() && s.end() == nil {
		return nil
	}
	r, err := Unmarshal(data)
	if err != nil {
		return err
	}
	v, ok := r.(P)
	if !ok {
		return &Error{Err: ErrType}
	}
	*p = *v
	return nil
}
