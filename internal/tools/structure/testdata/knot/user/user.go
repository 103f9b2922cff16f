// Package user uses package knot.
package user

import "github.com/promptlogs/qlogs/internal/tools/structure/testdata/knot"

func Run(h knot.Hub) { h.A() }

func Lend() { knot.Use(knot.Make()) }
