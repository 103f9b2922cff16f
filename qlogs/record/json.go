package record

import "sync"

var scanners = sync.Pool{New: func() any { return newScanner(nil, maxDepth) }}

// Unmarshal decodes one record. Which kind it is, its keys decide: the first of
// the known request keys that it has, in the order chat, completions, /dev. The
// result does not refer to data. Arrays and objects may nest 10,000 deep, as in
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

// unmarshalPart is the UnmarshalJSON of parts of records.
func unmarshalPart[T any, P objectPointer[T]](p P, data []byte) error {
	s := newScanner(data, maxDepth)
	if s.null() && s.end() == nil {
		return nil
	}
	s.pos = 0
	var v T
	err := s.object(P(&v))
	if err == nil {
		err = s.end()
	}
	if err = s.checked(err); err != nil {
		return asError(err, 0, 0)
	}
	*p = v
	return nil
}

// marshal encodes o as the MarshalJSON methods return it.
func marshal(o object) ([]byte, error) {
	b, err := appendObject(nil, o)
	if err != nil {
		return nil, asError(err, 0, 0)
	}
	return b, nil
}
