/** An image with every kind of file in three layers, of which the upper ones take away and replace what is below, in the form of `docker save`. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the archive; the image is `made:1`. */
export function makeNastyImage(directory: string): string {
  const layers = join(directory, 'layers')
  const archive = join(directory, 'made.tar')
  mkdirSync(layers)
  execFileSync('python3', ['-c', MAKE_LAYERS, layers])
  execFileSync('tar', ['-C', layers, '-cf', archive, '.'])
  return archive
}

/** A line for each file below a directory: kind, mode, owner, size, time, device, links, attributes and content. */
export function listTree(directory: string): readonly string[] {
  return execFileSync('python3', ['-c', LIST_TREE, directory], { encoding: 'utf8' }).trimEnd().split('\n')
}

/** What `use` returns while the layers, topmost first, are seen as one tree. */
export function withMerged<T>(scratch: string, layers: readonly string[], use: (merged: string) => T): T {
  const merged = join(scratch, `merged-${process.hrtime.bigint()}`)
  mkdirSync(merged)
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `ro,lowerdir=${layers.join(':')}`, merged])
  try {
    return use(merged)
  } finally {
    execFileSync('umount', [merged])
  }
}

const MAKE_LAYERS = String.raw`
import hashlib, io, json, os, subprocess, sys, tarfile
out = sys.argv[1]
TYPES = {'dir': tarfile.DIRTYPE, 'file': tarfile.REGTYPE, 'link': tarfile.SYMTYPE, 'hard': tarfile.LNKTYPE,
         'fifo': tarfile.FIFOTYPE, 'char': tarfile.CHRTYPE, 'block': tarfile.BLKTYPE}
def layer(name, entries, form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=form) as tar:
        for at, (path, kind, extra) in enumerate(entries):
            info = tarfile.TarInfo(path)
            # Docker gives a file the mode and the time of its last name, umoci those of its first: they are the same in what tar programs write.
            at = next((other for other, (name, *_) in enumerate(entries) if name == extra.get('to') and kind == 'hard'), at)
            info.mtime = 1600000000 + at + (0.25 if form == tarfile.PAX_FORMAT else 0)
            info.mode = extra.get('mode', 0o755 if kind == 'dir' else 0o644)
            info.uid, info.gid = extra.get('owner', (0, 0))
            info.pax_headers = extra.get('pax', {})
            data = extra.get('data', b'')
            info.type = TYPES[kind]
            info.linkname = extra.get('to', '')
            info.devmajor, info.devminor = extra.get('device', (0, 0))
            info.size = len(data) if kind == 'file' else 0
            tar.addfile(info, io.BytesIO(data) if kind == 'file' else None)
    return keep(name, buffer.getvalue())
def keep(name, data):
    open(f'{out}/{name}.tar', 'wb').write(data)
    return 'sha256:' + hashlib.sha256(data).hexdigest()
# In the form of POSIX: neither Docker nor umoci read GNU's older one.
def sparse(name):
    tree = f'{out}/tree-{name}'
    os.mkdir(tree)
    with open(f'{tree}/holes', 'wb') as file:
        for at in (0, 1 << 20, 5 << 20):
            file.seek(at)
            file.write(b'data' * 1500)
        file.truncate(9 << 20)
    os.utime(f'{tree}/holes', (1, 1500000000))
    made = subprocess.run(['tar', '-C', tree, '--sparse', '--format', 'pax', '--owner=11', '--group=12', '-cf', '-', f'holes'], check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(['rm', '-r', tree], check=True)
    return keep(name, made)
CAPABILITY = '\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
low = layer('low', [
    ('bin', 'dir', {}), ('bin/tool', 'file', {'mode': 0o4755, 'data': b'x' * 70000}), ('bin/again', 'hard', {'to': 'bin/tool', 'mode': 0o4755}),
    ('bin/alias', 'link', {'to': 'tool', 'owner': (3, 4)}), ('etc', 'dir', {'mode': 0o1777}), ('etc/a', 'file', {'data': b'a', 'owner': (1000, 1001)}),
    ('etc/b', 'file', {'data': b'b', 'mode': 0o600}), ('dev', 'dir', {}), ('dev/nothing', 'char', {'device': (1, 3), 'mode': 0o666}),
    ('dev/disk', 'block', {'device': (8, 300), 'mode': 0o660, 'owner': (0, 6)}),
    ('run', 'dir', {'mode': 0o2750}), ('run/pipe', 'fifo', {}), ('old', 'dir', {}), ('old/file', 'file', {'data': b'old'}),
    ('kept', 'dir', {}), ('kept/file', 'file', {'data': b'kept'}),
    ('bin/capable', 'file', {'data': b'cap', 'pax': {'SCHILY.xattr.security.capability': CAPABILITY}}),
    ('etc/marked', 'file', {'data': b'm', 'pax': {'SCHILY.xattr.user.mark': 'yes'}}),
    ('n' * 90, 'dir', {}), ('n' * 90 + '/' + 'm' * 120, 'file', {'data': b'long'}),
    ('deep', 'dir', {}), ('deep/er', 'dir', {'owner': (9, 9)}), ('deep/er/file', 'file', {'data': b'deep'}), ('deep/er/' + 'l' * 110, 'link', {'to': 't' * 180}),
    ('turns', 'dir', {}), ('turns/file-to-dir', 'file', {'data': b'f'}), ('turns/dir-to-file', 'dir', {}), ('turns/dir-to-file/x', 'file', {}),
    ('turns/link-to-dir', 'link', {'to': '../etc'}), ('turns/dir-to-link', 'dir', {}), ('turns/dir-to-link/y', 'file', {}),
    ('pair', 'dir', {}), ('pair/one', 'file', {'data': b'pair'}), ('pair/two', 'hard', {'to': 'pair/one'}), ('pair/three', 'hard', {'to': 'pair/one'}),
])
high = layer('high', [
    ('etc', 'dir', {'mode': 0o755}), ('etc/.wh.a', 'file', {}), ('etc/b', 'file', {'data': b'new b', 'mode': 0o640, 'owner': (5, 6)}),
    ('old', 'dir', {'mode': 0o700}), ('old/.wh..wh..opq', 'file', {}), ('old/new', 'file', {'data': b'new'}), ('.wh.run', 'file', {}),
    ('kept', 'link', {'to': 'etc'}),
    ('deep', 'dir', {}), ('deep/er', 'dir', {'owner': (9, 9)}), ('deep/er/.wh..wh..opq', 'file', {}), ('deep/er/again', 'file', {'data': b'again'}),
    ('turns', 'dir', {}), ('turns/file-to-dir', 'dir', {}), ('turns/file-to-dir/z', 'file', {'data': b'z'}), ('turns/dir-to-file', 'file', {'data': b'now a file'}),
    ('turns/link-to-dir', 'dir', {'mode': 0o711}), ('turns/link-to-dir/in', 'file', {}), ('turns/dir-to-link', 'link', {'to': 'link-to-dir'}),
    ('pair', 'dir', {}), ('pair/.wh.one', 'file', {}), ('pair/.wh.not-there', 'file', {}), ('pair/two', 'file', {'data': b'alone now'}),
])
old_form = layer('old-form', [
    ('g' * 95, 'dir', {}), ('g' * 95 + '/' + 'h' * 140, 'file', {'data': b'gnu', 'owner': (70000, 80000)}),
    ('g' * 95 + '/link', 'link', {'to': 'u' * 170}), ('deep', 'dir', {}), ('deep/.wh.er', 'file', {}),
], tarfile.GNU_FORMAT)
names = ['low', 'high', 'old-form', 'sparse']
digests = [low, high, old_form, sparse('sparse')]
config = {'os': 'linux', 'architecture': 'amd64', 'config': {}, 'rootfs': {'type': 'layers', 'diff_ids': digests}}
open(f'{out}/config.json', 'w').write(json.dumps(config))
open(f'{out}/manifest.json', 'w').write(json.dumps([{'Config': 'config.json', 'RepoTags': ['made:1'], 'Layers': [f'{one}.tar' for one in names]}]))
`

const LIST_TREE = `
import hashlib, os, stat, sys
root = sys.argv[1]
lines = []
for directory, names, files in os.walk(root):
    for name in names + files:
        path = os.path.join(directory, name)
        info = os.lstat(path)
        kind = stat.S_IFMT(info.st_mode)
        content = os.readlink(path) if stat.S_ISLNK(info.st_mode) else ''
        if stat.S_ISREG(info.st_mode): content = hashlib.sha256(open(path, 'rb').read()).hexdigest()
        attributes = {one: os.getxattr(path, one, follow_symlinks=False).hex() for one in sorted(os.listxattr(path, follow_symlinks=False))}
        size = 0 if stat.S_ISDIR(info.st_mode) else info.st_size
        # A whiteout has the time at which it was made.
        time = 0 if stat.S_ISCHR(info.st_mode) and info.st_rdev == 0 else info.st_mtime_ns
        links = 0 if stat.S_ISDIR(info.st_mode) else info.st_nlink
        lines.append(f'{os.path.relpath(path, root)} {kind:o} {stat.S_IMODE(info.st_mode):o} {info.st_uid}:{info.st_gid} {size} {time} {info.st_rdev} {links} {attributes} {content}')
print('\\n'.join(sorted(lines)))
`
