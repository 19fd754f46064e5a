// Nothing to include: the library is preloaded, and commanded by opening paths (see CallShim.c).
