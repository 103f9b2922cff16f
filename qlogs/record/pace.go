package record

// stride is about how many bytes are processed between two looks at
// [DecoderOptions.Stop]. With as many decoders at work as a scan has by default,
// all of them see within some milliseconds that they are to stop.
const stride = 64 << 10

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
	pace
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

// allocated is about what n bytes take as an allocation of their own.
func allocated(n int) int { return (n + 15) &^ 15 }

// memberCost is what an element of a list or an unknown key counts towards the most
// that a record may take. In JSON it may take three bytes.
const memberCost = 64

// member counts one element or unknown key.
func (a *account) member() error {
	if a.members += memberCost; a.members > a.most {
		return ErrTooLarge
	}
	return nil
}
