package user

import "github.com/promptlogs/qlogs/internal/tools/structure/testdata/knot"

func Box() int { return knot.Box[int]{}.Get() }
