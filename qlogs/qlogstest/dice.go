package qlogstest

import (
	"fmt"
	"math/rand/v2"
)

const (
	idAlphabet     = "0123456789abcdefghijklmnopqrstuvwxyz"
	hexAlphabet    = "0123456789abcdef"
	suffixAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// dice choose what is made.
type dice struct {
	source *rand.PCG
	rng    *rand.Rand
}

func newDice(seed uint64) dice {
	source := rand.NewPCG(seed, 0)
	return dice{source, rand.New(source)}
}

func pick[T any](d dice, list []T) T { return list[d.rng.IntN(len(list))] }

func (d dice) chance(p float64) bool { return d.rng.Float64() < p }

func (d dice) pickBytes(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.rng.IntN(len(alphabet))]
	}
	return string(b)
}

func (d dice) uuid() string {
	hi, lo := d.rng.Uint64(), d.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, 0x8000|lo>>48&0x3fff, lo&0xffffffffffff)
}
