package record

// stride is about how many bytes are processed between two calls of
// [DecoderOptions.Stop]. Even with as many decoders as a scan has by default, all of them
// stop within some milliseconds.
const stride = 64 << 10

// A pace lets a caller stop a Decoder in the middle of a record. Its zero value is
// never stopped.
type pace struct {
	stop func() error // may be nil
	left int          // bytes until the next call
	err  error        // of stop, or of the account's grow; final
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
		return false // and at every later call
	}
	p.left = stride
	return true
}

// An account counts the memory that the current record takes.
type account struct {
	pace
	grow    func(int64) error // may be nil
	most    int64             // limit of members
	members int64             // count for list elements and unknown keys
	spent   int64             // bytes
	told    int64             // bytes that grow knows of
}

// untold is what a record may take before grow is called, so that small records cost no
// calls. It is also the least that grow is called with.
const untold = 64 << 10

// spend counts n bytes that are about to be taken. Its error is errStopped.
func (a *account) spend(n int) error {
	if a.spent += int64(n); a.spent <= a.told {
		return nil
	}
	return a.tell()
}

func (a *account) tell() error {
	if a.grow == nil {
		return nil
	}
	more := max(a.spent-a.told, untold)
	if err := a.grow(more); err != nil {
		a.err, a.left = err, 0
		return errStopped
	}
	a.told += more
	return nil
}

// allocated is about how much memory an allocation of n bytes takes.
func allocated(n int) int { return (n + 15) &^ 15 }

// memberCost is what an element of a list or an unknown key counts towards the limit of a
// record. In JSON it may take only three bytes.
const memberCost = 64

// member counts one element or unknown key.
func (a *account) member() error {
	if a.members += memberCost; a.members > a.most {
		return ErrTooLarge
	}
	return nil
}
