package open

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// URI returns the source that uri names, and the prefix to put into qlogs.Query.Prefix. If
// opts is nil, the defaults are used. The URI is one of these:
//
//   - s3://bucket or s3://bucket/prefix, where the bucket may be the alias or the ARN of an
//     access point; see [s3source.ParseURI]. A bucket without a prefix is read as a whole.
//   - A directory, as a path or as a file URI: ./mirror, /data/mirror, file:///data/mirror.
//     It is a mirror of a bucket, as [source.Dir] says. The prefix is empty. If the directory
//     is itself AWSLogs, or lies below AWSLogs, such as ./mirror/AWSLogs/111122223333, the
//     source is the directory that AWSLogs lies in, and the prefix is the rest.
//   - A zip file of such a mirror, as a path or as a file URI: logs.zip. Its content counts,
//     not its name. The prefix is empty. Its table of contents is kept in memory.
//
// URI fails if the directory or the zip file does not exist, if there are no credentials, if
// the role cannot be assumed, and if the bucket does not exist. With [Options].Region it makes
// no request to S3, so a bucket that does not exist ends the scan instead. URI does not
// check whether the credentials may read the bucket: the scan does.
//
// An error says what to do. It never shows a key, a token, an external id, or a URI that may
// have a secret in it. The error for what does not exist wraps fs.ErrNotExist, for a bucket
// [source.ErrNoStore]. That for a role which must not be assumed wraps fs.ErrPermission.
//
// There is nothing to close. A zip file is open only while something in it is read.
// Connections that are idle close after 90 seconds.
func URI(ctx context.Context, uri string, opts *Options) (src source.Source, prefix string, err error) {
	var o Options // a copy: the source refers to it as long as it is used
	if opts != nil {
		o = *opts
	}
	scheme, _, _ := strings.Cut(uri, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case uri == "":
		return nil, "", errors.New("open: the URI is empty: " + forms)
	case scheme == "s3", scheme == "arn":
		return o.bucket(ctx, uri)
	case scheme == "file":
		name, err := fileName(uri)
		if err != nil {
			return nil, "", err
		}
		return openPath(name)
	case isURI.MatchString(uri):
		return nil, "", unknownScheme(scheme)
	}
	return openPath(uri)
}

// isURI leaves out the names of Windows, such as C://logs.
var isURI = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+://`)

// unknownScheme shows no more of the URI: there may be a password or a signature in it.
func unknownScheme(scheme string) error {
	switch scheme {
	case "http", "https":
		return fmt.Errorf("open: %s is not a scheme for logs: write s3://bucket/prefix for a bucket, and put the address of a store other than AWS into open.Options.Endpoint", scheme)
	case "s3a", "s3n":
		return fmt.Errorf("open: the scheme %s is not known: write s3://bucket/prefix", scheme)
	}
	return fmt.Errorf("open: the scheme %s is not known: %s; for any other store write a source.Source", scheme, forms)
}

// fileName returns the path that a file URI names.
func fileName(uri string) (string, error) {
	const form = "write file:///directory, or the path alone"
	u, err := url.Parse(uri)
	switch {
	case err != nil: // which would show it
		return "", errors.New("open: the file URI is not valid: write % as %25; or the path alone")
	case u.Opaque != "" || u.Path == "":
		return "", errors.New("open: the file URI names no whole path: " + form)
	case u.User != nil || u.Host != "" && u.Host != "localhost":
		return "", errors.New("open: the file URI names a host: " + form)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("open: the file URI has a ? or a # in it: write them as %3F and %23")
	}
	name := filepath.FromSlash(u.Path)
	if len(name) > 1 && filepath.VolumeName(name[1:]) != "" { // \C:\logs
		name = name[1:]
	}
	return name, nil
}
