package s3source

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A lister lists the keys of a bucket.
type lister struct {
	bucket
	plain    bool // the SDK reads all pages
	restores bool // listings say what is restored
	without  optionals
}

func (l *lister) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		if strings.HasSuffix(l.name, "--x-s3") || strings.HasSuffix(l.name, "--xa-s3") {
			yield(source.Object{}, fmt.Errorf("%w: bucket %q is a directory bucket, or an access point of one, which S3 does not list in key order", errors.ErrUnsupported, l.name))
			return
		}
		input := l.input(in)
		for idle := (idlePages{}); ; {
			page, err := l.page(ctx, in, input)
			if err != nil {
				yield(source.Object{}, err)
				return
			}
			if !page.each(yield) || !page.goesOn() {
				return
			}
			token := aws.ToString(page.out.NextContinuationToken)
			if token == "" {
				yield(source.Object{}, errors.New("the listing goes on, but has no continuation token"))
				return
			}
			if err := idle.next(page.last(), token); err != nil {
				yield(source.Object{}, err)
				return
			}
			input.ContinuationToken = &token
		}
	}
}

func (l *lister) input(in source.ListInput) *s3.ListObjectsV2Input {
	input := &s3.ListObjectsV2Input{
		Bucket:              &l.name,
		ExpectedBucketOwner: l.owner,
		RequestPayer:        l.payer,
		// XML cannot carry every character that a key may have.
		EncodingType:             types.EncodingTypeUrl,
		OptionalObjectAttributes: []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus},
	}
	if in.Prefix != "" {
		input.Prefix = &in.Prefix
	}
	if in.After != "" {
		input.StartAfter = &in.After
	}
	if in.Folders {
		input.Delimiter = aws.String("/")
	}
	return input
}

// pageTries is how often a page is requested if its answer breaks off or is no listing.
// The SDK repeats requests that fail, but not those whose answer has begun well.
const pageTries = 3

func (l *lister) page(ctx context.Context, in source.ListInput, input *s3.ListObjectsV2Input) (*listPage, error) {
	for try := 1; ; try++ {
		page, err := l.without.ask(ctx, input, func(input *s3.ListObjectsV2Input) (*listPage, error) {
			return l.send(ctx, in, input)
		})
		if err == nil {
			return page, nil
		}
		status, _ := answer(err)
		again := status/100 == 2 || errors.Is(err, errNoListing)
		if !again || try == pageTries || ctx.Err() != nil {
			return nil, l.explain(err, "s3:ListBucket")
		}
	}
}

// send sends one request for a page.
func (l *lister) send(ctx context.Context, in source.ListInput, input *s3.ListObjectsV2Input) (*listPage, error) {
	var seen sight
	source.StartRequest(ctx)
	out, err := l.api.ListObjectsV2(ctx, input, eachAttempt, boundAnswers(&seen.long), pageReaders(&seen, l.plain))
	switch status, _ := answer(err); {
	case seen.long:
		return nil, errLongAnswer
	case status/100 == 2 && isUnread(err):
		return nil, fmt.Errorf("%w, or is damaged: %w", errNoListing, err)
	case err != nil:
		return nil, err
	case out == nil:
		return nil, errNoAnswer
	case seen.odd != "":
		return nil, noListing(seen.odd)
	}
	page := &listPage{out: out, restores: l.restores && len(input.OptionalObjectAttributes) > 0 || hasRestoreStatus(out.Contents)}
	if out.EncodingType == types.EncodingTypeUrl {
		if err := page.decode(); err != nil {
			return nil, err
		}
	}
	named := aws.ToString(out.Name)
	if !page.isListing(named != "" && (seen.looked || named == l.name)) {
		return nil, noListing("it has neither keys nor anything else that a listing has")
	}
	return page, page.check(in, input, seen.looked)
}

// maxIdlePages is how many pages in a row may have neither a key nor a folder. A store
// that passes over deleted objects may answer with some.
const maxIdlePages = 10_000

var errEndless = errors.New("the listing does not end")

// idlePages are the pages since the last one that was not empty.
type idlePages struct {
	last   string // the last key or folder of that page
	seed   maphash.Seed
	tokens map[uint64]struct{} // hashes of the tokens of the idle pages
}

// next returns an error if the page behind token cannot get the listing any further. last
// is the last key or folder of the page before it.
func (i *idlePages) next(last, token string) error {
	if last != "" && last == i.last {
		return fmt.Errorf("%w: a page ends where the one before ended, and is not the last", errEndless)
	}
	if last != "" || i.tokens == nil {
		*i = idlePages{last: last, seed: maphash.MakeSeed(), tokens: map[uint64]struct{}{}}
	}
	hash := maphash.String(i.seed, token)
	if _, again := i.tokens[hash]; again {
		return fmt.Errorf("%w: a continuation token came again, with nothing between", errEndless)
	}
	if len(i.tokens) >= maxIdlePages {
		return fmt.Errorf("%w: %d pages in a row are empty", errEndless, maxIdlePages)
	}
	i.tokens[hash] = struct{}{}
	return nil
}
