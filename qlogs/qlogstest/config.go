package qlogstest

import (
	"fmt"
	"regexp"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Config says what [Generate] makes. The zero value of each field stands for the default
// that is named here. Generate panics if Accounts, Products, Types or Regions are none that
// logs have.
type Config struct {
	// Seed chooses the objects: another seed gives other ones.
	Seed uint64

	// Objects is how many objects are made. The default is 100.
	Objects int

	// Prefixes are the key prefixes before "AWSLogs/". The default is "prompt-logs". An
	// empty string is the root of the bucket.
	Prefixes []string

	// Accounts are the AWS accounts. The default is 111122223333.
	Accounts []string

	// Products default to both. Records of QDeveloperLogs have every key, with null where
	// there is no value. Those of KiroLogs leave keys out, and most of their prompts are
	// empty.
	Products []path.Product

	// Types default to the three known ones, of which a chat is the most frequent. A type
	// that is not known gets records of an unknown kind.
	Types []path.LogType

	// Regions default to us-east-1.
	Regions []string

	// Start is in the first of Days days, all in UTC, over which the objects are spread,
	// most of them in the working hours of work days. The defaults are Monday, 2 March
	// 2026, and 3 days.
	Start time.Time
	Days  int

	// Users is the number of users. Some are far busier than others. The default is 20.
	Users int

	// DamageEvery, if not 0, damages the last one of that many objects, with one [Damage]
	// after the other. Behind the last kind of damage come a permission probe of AWS and an
	// empty object, which are not logs, and then the first kind again.
	DamageEvery int

	// OddEvery, if not 0, gives the first one of that many objects an odd record, with one
	// kind of [Odd] after the other. A reader delivers odd records like all others.
	OddEvery int

	// MaxText is the most bytes that one text, such as a prompt, is aimed at. One in a few
	// hundred texts is far longer than the others and comes near to it. The default is
	// 800 KiB.
	MaxText int
}

const (
	usualPrefix  = "prompt-logs"
	usualAccount = "111122223333"
	usualRegion  = "us-east-1"
)

func (c Config) withDefaults() Config {
	c.Objects = orInt(c.Objects, 100)
	c.Days = orInt(c.Days, 3)
	c.Users = orInt(c.Users, 20)
	c.MaxText = orInt(c.MaxText, 800<<10)
	c.Prefixes = orList(c.Prefixes, usualPrefix)
	c.Accounts = orList(c.Accounts, usualAccount)
	c.Products = orList(c.Products, path.QDeveloperLogs, path.KiroLogs)
	c.Types = orList(c.Types, path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration)
	c.Regions = orList(c.Regions, usualRegion)
	if c.Start.IsZero() {
		c.Start = firstDay()
	}
	c.Start = c.Start.UTC().Truncate(24 * time.Hour)
	return c
}

// check panics where a configuration would make objects that no reader takes for logs: what
// Totals say of them would be wrong.
func (c Config) check() {
	for _, p := range c.Products {
		for _, a := range c.Accounts {
			for _, r := range c.Regions {
				for _, t := range c.Types {
					part := path.Partition{Account: a, Product: p, LogType: t, Region: r}
					if kind, key := path.KindOf(part.NewKey(c.Start, "suffix").String(), -1); kind != path.Log || key.Partition != part || !typeName.MatchString(string(t)) || !regionCode.MatchString(r) {
						panic(fmt.Sprintf("qlogstest: Config: account %q, product %q, type %q and Region %q are not those of logs: use 12 digits, a constant of package path, a name such as \"ReviewCode\", and a Region's code", a, p, t, r))
					}
				}
			}
		}
	}
}

var regionCode = regexp.MustCompile("^[a-z]+(-[a-z]+)+-[0-9]+$")

// typeName is what a reader makes of the keys of a record's halves.
var typeName = regexp.MustCompile("^[A-Z][A-Za-z0-9]*$")

func firstDay() time.Time { return time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC) }

func orInt(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

func orList[T any](list []T, def ...T) []T {
	if len(list) == 0 {
		return def
	}
	return list
}
