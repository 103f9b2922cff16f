package record

import "errors"

// stride is about how many bytes are processed between two looks at
// [DecoderOptions.Stop]. With as many decoders at work as a scan has by default,
// all of them see within some milliseconds that they are to stop.
const stride = 64 << 10

// errStopped ends the decoding of a record that Stop or Grow has ended. It never
// leaves this package: what they returned does.
var errStopped = errors.New("stopped")

// A pace lets a caller stop a Decoder in the middle of a record. Its zero value is
// never stopped.
type pace struct {
	stop func() error // may be nil
	left int          // bytes until the next look
	err  error        // of stop, or of the account's grow: final
}

// pass counts n bytes as processed. It reports whether to go on.
func (p *pace) pass(n int) bool {
	p.left -= n
	return p.left > 0 || p.look()
}

func (p *pace) look() bool {
	if p.err == nil && p.stop != nil {
		p.err = p.stop()
	}
	if p.err != nil {
		return false // and so from now on
	}
	p.left = stride
	return true
}

// An account is what the record in hand takes in memory.
type account struct {
	grow    func(int64) error // may be nil
	most    int64             // for members
	members int64             // what list elements and unknown keys count
	spent   int64             // bytes
	told    int64             // up to which grow need not be called
}

// untold is what a record may take before grow is called, so that small records
// cost no calls, and how much grow is called for at least.
const untold = 64 << 10

// spend counts n bytes that are about to be taken. Its error is errStopped.
func (s *scanner) spend(n int) error {
	if s.spent += int64(n); s.spent <= s.told {
		return nil
	}
	return s.tell()
}

func (s *scanner) tell() error {
	if s.grow == nil {
		return nil
	}
	more := max(s.spent-s.told, untold)
	if err := s.grow(more); err != nil {
		s.err, s.left = err, 0
		return errStopped
	}
	s.told += more
	return nil
}

// allocated is about what n bytes take as an allocation of their own.
func allocated(n int) int { return (n + 15) &^ 15 }

// memberCost is what an element of a list or an unknown key counts towards the most
// that a record may take. In JSON it may take three bytes.
const memberCost = 64

// member counts one element or unknown key.
func (s *scanner) member() error {
	if s.members += memberCost; s.members > s.most {
		return ErrTooLarge
	}
	return nil
}

// shortList is the length from which on a list is counted before it grows.
const shortList = 64

// reserve returns list with room for the element, or the unknown key, that starts here. A
// long list gets all the memory that it needs at once: if it grew, it would leave four
// times as much behind.
func reserve[T any](s *scanner, list []T) ([]T, error) {
	if err := s.member(); err != nil || len(list) < cap(list) {
		return list, err
	}
	more := max(len(list), 1)
	if len(list) >= shortList {
		more = s.elements()
	}
	if err := s.spend(more * sizeOf[T]()); err != nil {
		return list, err
	}
	return append(make([]T, 0, len(list)+more), list...), nil
}

// elements counts the elements of a list from the one that starts here on, as many as
// a record may have; or, where the value of a key starts, the keys of an object.
func (s *scanner) elements() (n int) {
	defer func(start int) { s.pos = start }(s.pos)
	for most := (s.most-s.members)/memberCost + 1; int64(n) < most; {
		if _, err := s.skip(); err != nil {
			break
		}
		switch s.peek() {
		case ',':
			n++
		case ':':
		default:
			return n + 1
		}
		s.pos++
	}
	return max(n, 1)
}
