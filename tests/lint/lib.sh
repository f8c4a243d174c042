# shellcheck shell=sh
# lib.sh - what the lints share. A lint is a script that prints each violation as "FILE:LINE: WHAT" or "OBJECT: WHAT" and ends
# with 1 if there was one. It is given the source tree in $LINT_SOURCE, objects below $LINT_BUILD/obj, and works on them alone,
# so that lint/selftest can point it at a broken copy.
set -u
: "${LINT_SOURCE:=$(cd "$(dirname "$0")/../.." && pwd)}"
case ${BUILD:=build} in
/*) : "${LINT_BUILD:=$BUILD}" ;;
*) : "${LINT_BUILD:=$LINT_SOURCE/$BUILD}" ;;
esac
export LC_ALL=C.UTF-8
cd "$LINT_SOURCE" || exit 2
problems=0

complain()
{
	printf '%s\n' "$*"
	problems=$((problems + 1))
}

finish()
{
	[ "$problems" -eq 0 ]
	exit
}

# C sources of the product, with headers.
product_files()
{
	find db src include -name '*.[ch]' 2>/dev/null | sort
}

# The module a file of the product belongs to: db/NAME, FOLDER/NAME or NAME.
module_of()
{
	file=${1%.[cho]}
	case $file in
	include/sysck/*) echo "db/${file#include/sysck/}" ;;
	src/*) echo "${file#src/}" ;;
	*) echo "$file" ;;
	esac
}

# Object files of the product that are built from sources still there.
product_objects()
{
	for source in db/*.c src/*.c src/*/*.c; do
		[ ! -e "$source" ] || [ ! -e "$LINT_BUILD/obj/${source%.c}.o" ] || echo "$LINT_BUILD/obj/${source%.c}.o"
	done
}

object_module()
{
	module_of "${1#"$LINT_BUILD"/obj/}"
}

# All text files of the project: what git knows, or everything but the build where there is no git.
project_files()
{
	if [ -e .git ] && command -v git >/dev/null && git -c safe.directory='*' ls-files >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files --cached --others --exclude-standard
	else
		find . \( -name .git -o -name 'build*' \) -prune -o -type f -print | sed 's|^\./||'
	fi | sort
}

# Scripts of the project, by their first line or name.
project_scripts()
{
	project_files | while read -r file; do
		[ -f "$file" ] || continue
		case $file in
		*.sh | tests/*.t | completion/*) echo "$file" ;;
		*.[ch] | *.md | *.cfg | tests/fuzz/corpus/*) ;;
		*)
			case $(head -c 64 "$file" | tr -d '\000' | head -n 1) in
			'#!'*sh*) echo "$file" ;;
			esac
			;;
		esac
	done
}
