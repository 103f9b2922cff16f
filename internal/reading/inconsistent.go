package reading

import (
	"errors"
	"fmt"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// ErrInconsistent means that an object was taken for a replaced one, and that looking it up
// again has found it as it was. An error that wraps it does not wrap [source.ErrChanged].
var ErrInconsistent = errors.New("the store contradicts itself")

// ErrOnce means that only one answer has contradicted the listing. An error that wraps it
// wraps ErrInconsistent.
var ErrOnce = errors.New("the store contradicted itself once")

// An inconsistency wraps what the store said of the object.
type inconsistency struct {
	listed source.Object
	err    error
	once   bool
}

func (e *inconsistency) Error() string {
	tag := ""
	if e.listed.ETag != "" {
		tag = fmt.Sprintf("ETag %s, ", `"`+strings.Trim(e.listed.ETag, `"`)+`"`)
	}
	answers := strings.Replace(e.err.Error(), source.ErrChanged.Error()+": ", "", 1)
	if answers == source.ErrChanged.Error() {
		answers = "the object is another one"
	}
	return fmt.Sprintf("%v: its listing says, twice, %s%d bytes, but its answer says: %s: find what changes bodies or ETags on the way, "+
		"such as a gateway that undoes or adds compression, or read a copy of the object", ErrInconsistent, tag, e.listed.Size, answers)
}

func (e *inconsistency) Is(target error) bool {
	return target == ErrInconsistent || target == ErrOnce && e.once || target != source.ErrChanged && errors.Is(e.err, target)
}

func (e *inconsistency) As(target any) bool { return errors.As(e.err, target) }
