package loggen

import (
	"fmt"
	"math"
	"math/rand/v2"
)

const (
	idAlphabet     = "0123456789abcdefghijklmnopqrstuvwxyz"
	suffixAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

	// longTexts is how many texts there are for one that is out of
	// proportion.
	longTexts = 400
)

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func (g *generator) chance(p float64) bool { return g.rng.Float64() < p }

func (g *generator) pickBytes(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.rng.IntN(len(alphabet))]
	}
	return string(b)
}

func (g *generator) uuid() string {
	hi, lo := g.rng.Uint64(), g.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, 0x8000|lo>>48&0x3fff, lo&0xffffffffffff)
}

// user prefers the first users: half of the records belong to a quarter of
// them.
func (g *generator) user() string {
	r := g.rng.Float64()
	return g.users[int(r*r*float64(len(g.users)))]
}

// size is log-normal with the given median, but now and then anything between
// a sixteenth of the maximum and the maximum.
func (g *generator) size(median, sigma float64) int {
	limit := float64(g.cfg.MaxText)
	if g.rng.IntN(longTexts) == 0 {
		return int(limit * math.Exp2(-4*g.rng.Float64()))
	}
	return int(min(median*math.Exp(sigma*g.rng.NormFloat64()), limit))
}
